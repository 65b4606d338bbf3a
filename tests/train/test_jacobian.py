"""The Jacobian of a stack of convolutions is what automatic differentiation finds."""

from __future__ import annotations

import torch
from torch import nn

from pcsr_edge.train.jacobian import jacobian


def test_it_is_what_automatic_differentiation_finds() -> None:
    torch.manual_seed(0)
    hidden = [nn.Conv2d(1, 2, 5), nn.Tanh(), nn.Conv2d(2, 3, 3), nn.Tanh()]
    last, windows = nn.Conv2d(3, 4, 3, bias=False), torch.rand(3, 1, 9, 9)
    weights = [*nn.Sequential(*hidden).parameters(), last.weight]
    found = jacobian(hidden, last.weight, windows)
    assert found.shape == (3, 4, sum(weight.numel() for weight in weights))
    outputs = last(nn.Sequential(*hidden)(windows))[..., 0, 0]
    for row, output in zip(found.flatten(0, 1), outputs.flatten()):
        grads = torch.autograd.grad(output, weights, retain_graph=True)
        torch.testing.assert_close(row, torch.cat([grad.reshape(-1) for grad in grads]))
