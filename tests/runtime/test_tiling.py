"""Tiles cover a frame exactly once and see all that they need."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.geometry import Axis
from pcsr_edge.runtime.tiling import cut_into_strips, plan_tiles, tile_side

axes = st.builds(Axis, st.integers(1, 50), st.integers(1, 120))


@given(axes, axes, st.integers(1, 60), st.integers(0, 6))
def test_cores_cover_the_frame_once(rows: Axis, cols: Axis, side: int, halo: int) -> None:
    count = np.zeros((rows.n_hr, cols.n_hr), dtype=int)
    for tile in plan_tiles((rows, cols), side, halo):
        count[tile.rows.slice(), tile.cols.slice()] += 1
    assert (count == 1).all()


@given(axes, axes, st.integers(1, 60), st.integers(0, 6))
def test_windows_hold_the_halo_of_every_query(rows: Axis, cols: Axis, side: int, halo: int) -> None:
    for tile in plan_tiles((rows, cols), side, halo):
        for axis, outer, window in (
            (rows, tile.outer_rows, tile.window_rows),
            (cols, tile.outer_cols, tile.window_cols),
        ):
            cells = axis.cells(outer.start, outer.stop)
            assert window.start <= max(0, cells.min() - halo)
            assert window.stop >= min(axis.n_lr, cells.max() + halo + 1)


@given(axes, axes, st.integers(1, 60), st.integers(0, 6), st.integers(1, 5))
def test_strips_cover_their_tile_once(
    rows: Axis, cols: Axis, side: int, halo: int, count: int
) -> None:
    for tile in plan_tiles((rows, cols), side, halo):
        strips = cut_into_strips(tile, (rows, cols), halo, count)
        assert 1 <= len(strips) <= count
        assert [strip.rows.start for strip in strips[1:]] == [s.rows.stop for s in strips[:-1]]
        assert (strips[0].rows.start, strips[-1].rows.stop) == (tile.rows.start, tile.rows.stop)
        assert {strip.cols for strip in strips} == {tile.cols}
        for strip in strips:
            cells = rows.cells(strip.rows.start, strip.rows.stop)
            assert strip.window_rows.start <= max(0, cells.min() - halo)
            assert strip.window_rows.stop >= min(rows.n_lr, cells.max() + halo + 1)


def test_strips_are_equally_tall() -> None:
    frame = Axis(100, 400), Axis(10, 40)
    (tile,) = plan_tiles(frame, 100, 6)
    assert [len(s.rows) for s in cut_into_strips(tile, frame, 6, 3)] == [132, 132, 136]


def test_strips_are_no_lower_than_the_halo() -> None:
    frame = Axis(20, 80), Axis(10, 40)
    (tile,) = plan_tiles(frame, 20, 6)
    assert len(cut_into_strips(tile, frame, 6, 8)) == 3


@given(axes, st.integers(1, 60))
def test_outer_ranges_add_one_query_inside_the_frame(axis: Axis, side: int) -> None:
    for tile in plan_tiles((axis, axis), side, 2):
        assert tile.outer_rows.start == max(0, tile.rows.start - 1)
        assert tile.outer_rows.stop == min(axis.n_hr, tile.rows.stop + 1)


def side_of(option: Any, limit: float = 10**9, halo: int = 6) -> int:
    frame = Axis(1080, 4320), Axis(1920, 7680)
    return tile_side(option, frame, halo, lambda side: 1000 * side**2, limit)


@pytest.mark.parametrize("option", ["off", None])
def test_off_takes_the_whole_frame(option: Any) -> None:
    assert side_of(option, limit=1) == 1920


@pytest.mark.parametrize("option", ["auto", 0])
def test_auto_takes_the_whole_frame_where_it_fits(option: Any) -> None:
    assert side_of(option, limit=10**11) == 1920


@pytest.mark.parametrize(
    ("side", "expected"),
    [(1919, 1080), (960, 960), (320, 320), (319, 275), (31, 31), (7, 7), (6, 6)],
)
def test_auto_takes_the_largest_tile_that_fits(side: int, expected: int) -> None:
    assert side_of("auto", 1000 * side**2) == expected


@pytest.mark.parametrize(("halo", "expected"), [(50, 50), (10, 10), (0, 1)])
def test_auto_never_goes_below_the_halo(halo: int, expected: int) -> None:
    assert side_of("auto", 1, halo) == expected


def test_auto_never_goes_beyond_the_picture() -> None:
    frame = Axis(3, 12), Axis(4, 16)
    assert tile_side("auto", frame, 6, lambda side: side, memory_limit=1) == 4


def test_a_number_is_taken_as_it_is() -> None:
    assert side_of(100) == 100


@pytest.mark.parametrize("option", [5, -1, 2.5, 0.0, True, False, "big"])
def test_bad_options_are_refused(option: Any) -> None:
    with pytest.raises(UsageError, match="tile"):
        side_of(option)


def test_tiles_are_equally_large() -> None:
    sizes = {(len(t.rows), len(t.cols)) for t in plan_tiles((Axis(60, 240), Axis(70, 280)), 40, 6)}
    assert sizes == {(120, 140)}
