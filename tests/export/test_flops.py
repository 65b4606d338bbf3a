"""FLOPs, held against the numbers that the PCSR paper prints."""

from __future__ import annotations

from typing import Any, Dict

import pytest
import torch
from torch import nn

from pcsr_edge.errors import ExportError
from pcsr_edge.export.flops import backbone_flops, count_flops, head_flops
from pcsr_edge.models import BACKBONES
from pcsr_edge.models.mlp import PixelMLP

PUBLISHED: Dict[str, Any] = {
    "fsrcnn": ({"d": 48, "s": 12, "m": 4}, 19992, 48, {(58,) * 4: 425024, (10,) * 3: 24000}),
    "carn": ({"nf": 52, "groups": 4}, 466440, 52, {(74,) * 4: 665408, (20,) * 3: 63360}),
}
"""Backbone → arguments, its FLOPs per LR pixel, channels, head → its FLOPs per LR pixel at x4."""


@pytest.mark.parametrize("name", PUBLISHED)
def test_backbone_costs_what_is_printed(name: str) -> None:
    arguments, flops, _, _ = PUBLISHED[name]
    assert backbone_flops(BACKBONES.build(name, arguments).eval()) == flops


@pytest.mark.parametrize("name", PUBLISHED)
def test_upsamplers_cost_what_is_printed(name: str) -> None:
    _, _, channels, heads = PUBLISHED[name]
    counted = {hidden: 16 * head_flops(PixelMLP(channels, hidden, 3)) for hidden in heads}
    assert counted == heads


LAYERS = {
    "convolution": (nn.Conv2d(3, 4, 3, padding=1), 2 * 27 * 4),
    "groups": (nn.Conv2d(3, 6, 3, padding=1, groups=3), 2 * 9 * 6),
    "prelu": (nn.PReLU(), 3),
    "leaky-relu": (nn.LeakyReLU(), 3),
    "batch-norm": (nn.BatchNorm2d(3), 6),
    "relu": (nn.ReLU(), 0),
}


@pytest.mark.parametrize("case", LAYERS)
def test_layer_costs(case: str) -> None:
    layer, per_pixel = LAYERS[case]
    assert count_flops(nn.Sequential(layer).eval(), torch.zeros(1, 3, 5, 7)) == 35 * per_pixel


def test_a_layer_that_is_called_twice_counts_twice() -> None:
    layer = nn.Conv2d(3, 3, 1)
    assert count_flops(nn.Sequential(layer, layer), torch.zeros(1, 3, 1, 1)) == 2 * 18


def test_an_unknown_layer_is_refused() -> None:
    with pytest.raises(ExportError, match="what a Tanh costs"):
        count_flops(nn.Sequential(nn.Tanh()), torch.zeros(1, 3, 1, 1))


def test_an_unknown_function_is_refused() -> None:
    class Product(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x @ x

    with pytest.raises(ExportError, match="calls matmul"):
        count_flops(Product(), torch.zeros(3, 3))
