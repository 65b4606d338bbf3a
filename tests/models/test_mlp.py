"""The per-pixel MLP and its exact split into a share per cell and one per phase."""

from __future__ import annotations

from typing import Tuple

import pytest
import torch

from pcsr_edge.models import PixelMLP

FEATURES, CELLS, PHASES = 5, 6, 4


@pytest.mark.parametrize("hidden", [(), (7,), (7, 3)], ids=["linear", "one", "two"])
def test_projection_and_phase_table_give_the_plain_result(hidden: Tuple[int, ...]) -> None:
    torch.manual_seed(0)
    mlp = PixelMLP(FEATURES, hidden, 3).double()
    features = torch.rand(2, CELLS, FEATURES).double()
    geometry = torch.rand(PHASES, 4).double()
    split = mlp.at_phases(features, mlp.phase_table(geometry)[None])
    plain = torch.cat(
        [
            features[:, None].expand(2, PHASES, CELLS, FEATURES),
            geometry[:, None].expand(2, PHASES, CELLS, 4),
        ],
        dim=-1,
    )
    torch.testing.assert_close(split, mlp(plain))


def test_widths_follow_the_description() -> None:
    mlp = PixelMLP(FEATURES, (7, 3), 2)
    assert [tuple(p.shape) for p in mlp.parameters() if p.dim() == 2] == [(7, 9), (3, 7), (2, 3)]


def test_hidden_layers_are_rectified() -> None:
    mlp = PixelMLP(1, (1,), 1)
    with torch.no_grad():
        for parameter in mlp.parameters():
            parameter.fill_(1)
    assert mlp(torch.tensor([-9.0, 0, 0, 0, 0])).item() == 1
