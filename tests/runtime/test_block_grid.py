"""Blocks cover a frame once; what is computed for them lies inside it."""

from __future__ import annotations

from typing import List, Tuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcsr_edge.runtime.block_grid import BlockLine, block_lines, cut_into_areas, cut_into_strips
from pcsr_edge.runtime.geometry import Span


def test_the_last_block_ends_with_the_axis() -> None:
    assert block_lines(10, 4) == [
        BlockLine(Span(0, 4), 0),
        BlockLine(Span(4, 8), 4),
        BlockLine(Span(8, 10), 6),
    ]


def test_a_short_axis_has_one_block_from_its_beginning() -> None:
    assert block_lines(3, 4) == [BlockLine(Span(0, 3), 0)]


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 9), st.integers(1, 50))
def test_areas_cover_every_cell_once(height: int, width: int, block: int, side: int) -> None:
    count = np.zeros((height, width), dtype=int)
    for area in cut_into_areas((height, width), block, side):
        rows, cols = area.cells()
        assert max(len(rows), len(cols)) <= max(side, block)
        count[rows.slice(), cols.slice()] += 1
    assert (count == 1).all()


def test_a_frame_no_larger_than_the_side_is_one_area() -> None:
    assert len(cut_into_areas((13, 18), 4, 18)) == 1
    assert len(cut_into_areas((13, 18), 4, 17)) == 2


@given(st.integers(1, 40), st.integers(1, 9), st.integers(1, 6))
def test_strips_are_about_equal(height: int, block: int, count: int) -> None:
    (area,) = cut_into_areas((height, 5), block, 50)
    strips = cut_into_strips(area, count)
    sizes = [len(strip.rows) for strip in strips]
    assert [line for strip in strips for line in strip.rows] == list(area.rows)
    assert len(strips) == min(count, len(area.rows))
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize(
    ("size", "seen"),
    [((20, 20), [(3, 9), (11, 17)]), ((9, 13), [(3, 9), (8, 13)])],
    ids=["inside", "at-the-end"],
)
def test_the_deep_part_sees_the_margin_inside_the_frame(
    size: Tuple[int, int], seen: List[Tuple[int, int]]
) -> None:
    area = next(a for a in cut_into_areas(size, 4, 4) if a.cells() == _cells(size))
    assert area.seen(4, 1, size) == tuple(Span(*span) for span in seen)


def _cells(size: Tuple[int, int]) -> Tuple[Span, Span]:
    return Span(4, 8), Span(12, min(16, size[1]))
