"""Where queries lie: LIIF coordinates, cells, phases."""

from __future__ import annotations

import pytest
import torch

from pcsr_edge.models.geometry import axis_geometry, phase_geometry, query_inputs


def centres(count: int) -> torch.Tensor:
    """Pixel centres in [-1, 1], in double precision."""
    return (2 * torch.arange(count).double() + 1) / count - 1


@pytest.mark.parametrize(
    ("n_lr", "n_hr"),
    [(1, 1), (5, 20), (5, 10), (7, 9), (9, 31), (6, 4), (1, 3)],
    ids=str,
)
def test_cell_is_a_nearest_one(n_lr: int, n_hr: int) -> None:
    distance = (centres(n_hr)[:, None] - centres(n_lr)[None, :]).abs()
    chosen = distance.gather(1, axis_geometry(n_lr, n_hr).cell[:, None])[:, 0]
    torch.testing.assert_close(chosen, distance.min(1).values)


@pytest.mark.parametrize(("n_lr", "n_hr"), [(5, 20), (7, 9), (9, 31), (6, 4)], ids=str)
def test_rel_is_the_offset_in_half_cells(n_lr: int, n_hr: int) -> None:
    axis = axis_geometry(n_lr, n_hr)
    expected = (centres(n_hr) - centres(n_lr)[axis.cell]) * n_lr
    torch.testing.assert_close(axis.rel, expected.float())
    assert axis.size == pytest.approx(2 / n_hr * n_lr)


def test_a_query_between_two_cells_belongs_to_the_later() -> None:
    axis = axis_geometry(2, 3)
    assert axis.cell.tolist() == [0, 1, 1]
    assert axis.rel[1] == -1


def test_ties_do_not_depend_on_rounding_at_any_size() -> None:
    # Scale 3/2: every third query lies exactly between two cells.
    axis = axis_geometry(20000, 30000)
    assert bool((axis.rel[1::3] == -1).all())


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
def test_phases_are_the_queries_of_one_cell(scale: int) -> None:
    queries = query_inputs(torch.zeros(1, 1, 2, 3), (2 * scale, 3 * scale))[0, :, 1:]
    cell = queries.reshape(2, scale, 3, scale, 4)[1, :, 2].reshape(-1, 4)
    assert torch.equal(phase_geometry(scale), cell)


def test_phases_of_scale_two() -> None:
    expected = [[-0.5, -0.5, 1, 1], [-0.5, 0.5, 1, 1], [0.5, -0.5, 1, 1], [0.5, 0.5, 1, 1]]
    assert phase_geometry(2).tolist() == expected


def test_query_inputs_hold_the_feature_of_the_cell() -> None:
    features = torch.arange(6.0).reshape(1, 1, 2, 3)
    rows = query_inputs(features, (4, 6))[0, :, 0].reshape(4, 6)
    assert torch.equal(rows, features[0, 0].repeat_interleave(2, 0).repeat_interleave(2, 1))
