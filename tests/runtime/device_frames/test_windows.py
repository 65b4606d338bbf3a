"""Windows of one size."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pcsr_edge.runtime.device_frames.windows import same_windows
from pcsr_edge.runtime.geometry import Axis
from pcsr_edge.runtime.tiling import plan_tiles

sides = st.integers(1, 90)


@given(sides, sides, st.integers(5, 40), st.integers(0, 5))
def test_windows_have_one_size_and_see_no_less(
    height: int, width: int, side: int, halo: int
) -> None:
    tiles = plan_tiles((Axis(height, 4 * height), Axis(width, 4 * width)), side, halo)
    found = same_windows(tiles, (height, width))
    assert len({(len(tile.window_rows), len(tile.window_cols)) for tile in found}) == 1
    for before, after in zip(tiles, found):
        for old, new, limit in (
            (before.window_rows, after.window_rows, height),
            (before.window_cols, after.window_cols, width),
        ):
            assert 0 <= new.start <= old.start
            assert old.stop <= new.stop <= limit


def test_what_the_tiles_deliver_stays() -> None:
    tiles = plan_tiles((Axis(30, 120), Axis(20, 80)), 9, 3)
    found = same_windows(tiles, (30, 20))
    assert [(t.rows, t.cols, t.outer_rows) for t in found] == [
        (t.rows, t.cols, t.outer_rows) for t in tiles
    ]
