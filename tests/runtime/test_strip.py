"""Strips: they answer for every query of a tile once, and see what its cells need."""

from __future__ import annotations

from pathlib import Path
from typing import Tuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fake_model import RADIUS, FakeModel

from pcsr_edge.runtime import strip
from pcsr_edge.runtime.geometry import Axis, Span
from pcsr_edge.runtime.network import Network
from pcsr_edge.runtime.stopwatch import Stopwatch
from pcsr_edge.runtime.strip import strips_of
from pcsr_edge.runtime.tiling import plan_tiles

sides = st.integers(1, 30)


@given(sides, sides, st.integers(1, 90), st.integers(1, 90), st.integers(3, 30), st.integers(1, 5))
def test_every_query_belongs_to_one_strip(
    h: int, w: int, rows: int, cols: int, side: int, threads: int
) -> None:
    axes = Axis(h, rows), Axis(w, cols)
    for tile in plan_tiles(axes, side, 2):
        seen = np.zeros((rows, cols), dtype=int)
        for each in strips_of(tile, axes, 2, threads):
            seen[each.rows.slice(), each.cols.slice()] += 1
        assert (seen[tile.outer_rows.slice(), tile.outer_cols.slice()] == 1).all()
        assert seen.sum() == len(tile.outer_rows) * len(tile.outer_cols)


@pytest.mark.parametrize(("size", "cut"), [((40, 10), "rows"), ((10, 40), "cols")])
def test_the_longer_side_is_cut(size: Tuple[int, int], cut: str) -> None:
    axes = Axis(size[0], 4 * size[0]), Axis(size[1], 4 * size[1])
    (tile,) = plan_tiles(axes, 40, 2)
    parts = strips_of(tile, axes, 2, 4)
    assert len({getattr(each, cut) for each in parts}) == 4
    assert len({(each.rows, each.cols) for each in parts}) == 4


def test_a_large_tile_has_more_strips_than_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    axes = Axis(40, 80), Axis(30, 60)
    (tile,) = plan_tiles(axes, 40, 2)
    monkeypatch.setattr(strip, "CELLS_PER_STRIP", 250)
    assert len(strips_of(tile, axes, 2, 2)) == 5


@pytest.mark.parametrize("size", [(24, 7), (7, 24)])
def test_projections_and_pixels_are_those_of_the_whole(
    tmp_path: Path, size: Tuple[int, int]
) -> None:
    model = FakeModel(0)
    net = Network(model.bundle(tmp_path), model.backend(), "fp32")
    image = np.random.default_rng(0).random((*size, 3)).astype(np.float32)
    axes = Axis(size[0], 4 * size[0]), Axis(size[1], 4 * size[1])
    (tile,) = plan_tiles(axes, 24, RADIUS)
    planes = np.ascontiguousarray(image.transpose(2, 0, 1)[None])
    whole = net.features(planes)["projection_0"].reshape(*size, -1)
    margined = np.pad(image, ((1, 1), (1, 1), (0, 0)), mode="edge").transpose(2, 0, 1)
    parts = strips_of(tile, axes, RADIUS, 3)
    assert len(parts) == 3
    for each in parts:
        each.extract(net, Stopwatch(), image)
        rows = Span(each.rows.start // 4, each.rows.stop // 4)
        cols = Span(each.cols.start // 4, each.cols.stop // 4)
        exact = whole[rows.slice(), cols.slice()].reshape(-1, whole.shape[2])
        np.testing.assert_allclose(each.projection("projection_0", rows, cols), exact, atol=1e-6)
        around = margined[:, rows.start : rows.stop + 2, cols.start : cols.stop + 2]
        np.testing.assert_array_equal(each.planes(rows, cols)[0], around)
        pixels, (top, left) = each.pixels()
        height, width = pixels.shape[:2]
        np.testing.assert_array_equal(pixels, image[top : top + height, left : left + width])
