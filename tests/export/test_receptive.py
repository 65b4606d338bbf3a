"""Receptive radius, measured."""

from __future__ import annotations

from typing import Any, Callable

import pytest
import torch
from support.networks import TINY
from torch import nn

from pcsr_edge.errors import ExportError
from pcsr_edge.export.receptive import check_radius, measured_radius
from pcsr_edge.models import PCSR, Backbone


class Declared(Backbone):
    """Radius 3 one way and 1 the other, whatever it declares."""

    def __init__(self, radius: int) -> None:
        super().__init__(feature_channels=2, receptive_radius=radius)
        self.layers = nn.Sequential(
            nn.Conv2d(3, 2, 3, padding=1),
            nn.PReLU(),
            nn.Conv2d(2, 2, (3, 1), padding=(2, 0), dilation=(2, 1)),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.layers(x)
        return out


@pytest.mark.parametrize("backbone", TINY)
def test_backbones_declare_what_is_measured(backbone: str, make_model: Callable[..., PCSR]) -> None:
    network = make_model(backbone).backbone
    assert measured_radius(network) == network.receptive_radius


def test_the_longer_axis_counts() -> None:
    check_radius(Declared(3))


@pytest.mark.parametrize(
    ("radius", "found"), [(1, "reach 3 or more"), (2, "reach 3;"), (4, "reach 3;")]
)
def test_a_wrong_declaration_is_refused(radius: int, found: str) -> None:
    with pytest.raises(ExportError, match=found):
        check_radius(Declared(radius))


def test_weights_do_not_matter() -> None:
    network = Declared(3)
    for parameter in network.parameters():
        nn.init.zeros_(parameter)
    assert measured_radius(network) == 3


def test_weights_are_left_alone() -> None:
    network: Any = Declared(3)
    before = network.layers[0].weight.clone()
    measured_radius(network)
    assert torch.equal(network.layers[0].weight, before)
