"""The plain network: its shape, its base, and the network that is left after training."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from pcsr_edge.models import Plain, PlainConfig
from pcsr_edge.models.reparameterised import ReparameterisedConv


def network(scale: int = 3, layers: int = 2) -> Plain:
    """Build a small network with a residual that matters."""
    torch.manual_seed(0)
    model = Plain(PlainConfig(scale, 6, layers))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(1.5)
    return model.eval().requires_grad_(False)


def image() -> torch.Tensor:
    """Draw two LR pictures."""
    return torch.rand(2, 3, 7, 5, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_the_merged_network_computes_the_same(scale: int) -> None:
    model, x = network(scale), image()
    base = F.interpolate(x, scale_factor=scale, mode="bilinear", align_corners=False)
    merged = F.pixel_shuffle(model.reparameterised()(x), scale) + base
    torch.testing.assert_close(merged, model(x), atol=1e-5, rtol=1e-5)
    assert (model(x) - base).abs().max() > 0.01


def test_the_merged_network_holds_plain_layers_alone() -> None:
    layers = list(network(layers=3).reparameterised().layers)
    assert [type(layer) for layer in layers] == [nn.Conv2d, nn.ReLU] * 4 + [nn.Conv2d]
    convolutions = [layer for layer in layers if isinstance(layer, nn.Conv2d)]
    assert [c.out_channels for c in convolutions] == [6, 6, 6, 6, 27]


def test_the_base_shuffles_to_bilinear() -> None:
    model, x = network(), image()
    expected = F.interpolate(x, scale_factor=3, mode="bilinear", align_corners=False)
    torch.testing.assert_close(F.pixel_shuffle(model.base(x), 3), expected)


def test_a_new_network_begins_near_its_base() -> None:
    torch.manual_seed(0)
    model = Plain(PlainConfig(4, 16, 4))
    assert model.residual(torch.rand(1, 3, 9, 9)).abs().mean() < 0.05


@pytest.mark.parametrize("layers", [0, 2])
def test_the_receptive_radius_is_reached_and_not_passed(layers: int) -> None:
    model = network(layers=layers)
    radius = model.receptive_radius
    assert model.reparameterised().receptive_radius == radius
    # Positive weights and one bright pixel: no ReLU closes on the way.
    for layer in model.body:
        if isinstance(layer, ReparameterisedConv):
            layer.kernel.fill_(0.1)
            layer.squeeze.zero_()
    x = torch.zeros(1, 3, 1, 2 * radius + 5)
    x[..., -1] = 1
    touched = (model.residual(x) != model.residual(0 * x)).any(dim=1).flatten().nonzero()
    assert len(touched) == radius + 1
