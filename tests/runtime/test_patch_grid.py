"""Patches along an axis: they cover it, overlap as told, and share it out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcsr_edge.runtime.geometry import Span
from pcsr_edge.runtime.manifest import BLENDS
from pcsr_edge.runtime.patch_grid import cut_lines, patch_grid, patch_lines, shares, touching

SIZES = st.tuples(st.integers(1, 200), st.integers(1, 40)).flatmap(
    lambda size: st.tuples(st.just(size[0]), st.just(size[1]), st.integers(1, size[1]))
)


@pytest.mark.parametrize(
    ("cells", "starts"),
    [(10, [0]), (32, [0]), (33, [0, 1]), (60, [0, 28]), (64, [0, 28, 32])],
)
def test_patches_begin_every_step_and_the_last_ends_with_the_frame(
    cells: int, starts: object
) -> None:
    lines = patch_lines(cells, 32, 28)
    assert [line.seen.start for line in lines] == starts
    assert lines[-1].seen.stop == cells


@given(SIZES)
def test_cores_share_the_axis_out_and_lie_in_their_patches(size: object) -> None:
    cells, patch, step = size  # type: ignore[misc]
    lines = patch_lines(cells, patch, step)
    assert [i for line in lines for i in range(line.core.start, line.core.stop)] == list(
        range(cells)
    )
    for line in lines:
        assert len(line.seen) == min(patch, cells)
        assert line.seen.start <= line.core.start < line.core.stop <= line.seen.stop


def test_an_overlap_is_shared_in_its_middle() -> None:
    first, second = patch_lines(60, 32, 28)
    assert (first.core, second.core) == (Span(0, 30), Span(30, 60))


def test_touching_patches_are_those_that_see_a_part() -> None:
    lines = tuple(patch_lines(100, 10, 8))
    assert touching(lines, Span(0, 8)) == Span(0, 1)
    assert touching(lines, Span(9, 17)) == Span(0, 3)


@pytest.mark.parametrize(("side", "count"), [(1, 12), (17, 6), (100, 1)])
def test_cutting_keeps_cores_whole(side: int, count: int) -> None:
    parts = cut_lines(patch_grid((98, 1), 10, 8).rows, side)
    assert len(parts) == count
    assert parts[0].start == 0
    assert [a.stop for a in parts[:-1]] == [b.start for b in parts[1:]]
    assert parts[-1].stop == 12


@pytest.mark.parametrize("blend", BLENDS)
@given(SIZES)
def test_shares_add_up_to_one_at_every_cell(blend: str, size: object) -> None:
    cells, patch, step = size  # type: ignore[misc]
    lines = patch_lines(cells, patch, step)
    found = shares(lines, patch - step, blend)
    assert found.min() > 0
    total = np.zeros(cells)
    for line, own in zip(lines, found):
        total[line.seen.slice()] += own
    np.testing.assert_allclose(total, 1, atol=1e-6)


def test_patches_count_alike_or_for_less_towards_their_borders() -> None:
    lines = patch_lines(60, 32, 28)
    alike, falling = (shares(lines, 4, blend) for blend in ("mean", "ramp"))
    np.testing.assert_allclose(alike[0, 26:], [1, 1, 0.5, 0.5, 0.5, 0.5])
    np.testing.assert_allclose(falling[0, 26:], [1, 1, 49 / 50, 25 / 34, 9 / 34, 1 / 50])
    assert (falling[1, 4:] == 1).all()


def test_the_cores_of_some_patches_are_what_they_own_together() -> None:
    grid = patch_grid((60, 90), 32, 28)
    found = grid.cores((Span(0, 1), Span(1, 3)))
    assert found == (Span(0, 30), Span(grid.cols[1].core.start, grid.cols[2].core.stop))


def test_each_pixel_has_the_class_of_the_patch_that_owns_it() -> None:
    grid = patch_grid((7, 9), 4, 3)
    classes = np.arange(len(grid.rows) * len(grid.cols), dtype=np.uint8)
    classes = classes.reshape(len(grid.rows), len(grid.cols))
    cut = Span(1, 2), Span(0, 2)
    found = grid.class_map(cut, classes, 2)
    rows, cols = grid.cores(cut)
    expected = [
        [classes[1, 0 if col // 2 < grid.cols[0].core.stop else 1] for col in range(len(cols) * 2)]
    ] * (len(rows) * 2)
    np.testing.assert_array_equal(found, expected)
