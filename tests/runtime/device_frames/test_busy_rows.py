"""Rows that are classified where there is little work."""

from __future__ import annotations

import numpy as np
import pytest

from pcsr_edge.runtime.device_frames.busy_rows import busy_rows
from pcsr_edge.runtime.geometry import Axis, Span
from pcsr_edge.runtime.tiling import plan_tiles

AXES = Axis(80, 320), Axis(64, 256)
IMAGE = np.zeros((80, 64, 3), np.float32)
IMAGE[40:60, ::2] = 1


def test_with_enough_work_all_rows_are() -> None:
    tiles = plan_tiles(AXES, 30, 2)
    assert busy_rows(IMAGE, AXES, tiles, 0.1) == [[tile.outer_rows] for tile in tiles]


def test_with_little_work_the_busiest_ones_are() -> None:
    # Bands have 64 rows of 256 queries.
    [spans] = busy_rows(IMAGE, AXES, plan_tiles(AXES, 80, 2), 0.02)
    assert spans == [Span(192, 256)]


def test_neighbours_are_one_span() -> None:
    [spans] = busy_rows(IMAGE, AXES, plan_tiles(AXES, 80, 2), 0.04)
    assert spans == [Span(128, 256)]


@pytest.mark.parametrize("work", [0.001, 0.03, 0.07])
def test_spans_lie_in_their_tiles(work: float) -> None:
    tiles = plan_tiles(AXES, 30, 2)
    found = busy_rows(IMAGE, AXES, tiles, work)
    assert any(found)
    for tile, spans in zip(tiles, found):
        assert all(tile.outer_rows.start <= s.start < s.stop <= tile.outer_rows.stop for s in spans)
        assert all(a.stop < b.start for a, b in zip(spans, spans[1:]))
