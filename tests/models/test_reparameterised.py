"""A convolution of several branches: equal to its branches one by one, and to the merged layer."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from pcsr_edge.models.reparameterised import ReparameterisedConv


def layer(inputs: int = 4, outputs: int = 4) -> ReparameterisedConv:
    """Build a layer whose bias is not zero."""
    torch.manual_seed(1)
    made = ReparameterisedConv(inputs, outputs, 3)
    torch.nn.init.normal_(made.bias)
    return made


def image(channels: int) -> torch.Tensor:
    """Draw a batch whose border is as lively as its inside."""
    torch.manual_seed(2)
    return torch.rand(2, channels, 6, 5)


@pytest.mark.parametrize(("inputs", "outputs"), [(4, 4), (3, 5)])
def test_the_branches_one_by_one_give_the_same(inputs: int, outputs: int) -> None:
    conv, x = layer(inputs, outputs), image(inputs)
    expected = F.conv2d(x, conv.kernel, conv.bias, padding=1)
    wide = F.conv2d(x, conv.expand[:, :, None, None])
    expected = expected + F.conv2d(wide, conv.squeeze, padding=1)
    if inputs == outputs:
        expected = expected + x
    torch.testing.assert_close(conv(x), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(("inputs", "outputs"), [(4, 4), (3, 5)])
def test_the_merged_layer_gives_the_same(inputs: int, outputs: int) -> None:
    conv, x = layer(inputs, outputs), image(inputs)
    torch.testing.assert_close(conv.merged()(x), conv(x), atol=1e-5, rtol=1e-5)


def test_the_merged_layer_shares_nothing() -> None:
    conv = layer()
    merged = conv.merged()
    before = conv(image(4)).detach()
    with torch.no_grad():
        for parameter in merged.parameters():
            parameter.zero_()
    torch.testing.assert_close(conv(image(4)), before)


def test_double_precision_is_kept() -> None:
    assert layer().double().merged().weight.dtype == torch.float64


def test_every_branch_learns() -> None:
    conv = layer()
    conv(image(4)).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in conv.parameters())


def test_mixed_precision_does_not_round_the_weights() -> None:
    conv = layer()
    with torch.autocast("cpu", torch.bfloat16):
        kernel = conv.merged_kernel()
        out = conv(image(4))
    assert torch.equal(kernel, conv.merged_kernel())
    assert out.dtype == torch.bfloat16


def test_the_identity_is_no_weight() -> None:
    assert set(layer().state_dict()) == {"kernel", "expand", "squeeze", "bias"}
