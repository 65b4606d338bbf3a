"""Bands: cell by cell and query by query say the same, each in an order of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Tuple

import numpy as np
import pytest
from support.fake_model import RADIUS, FakeModel

from pcsr_edge.runtime.band import Band, CellBand, QueryBand, Setting
from pcsr_edge.runtime.geometry import Axis, Span
from pcsr_edge.runtime.network import Network
from pcsr_edge.runtime.queries import QueryIndexer
from pcsr_edge.runtime.stopwatch import Stopwatch
from pcsr_edge.runtime.strip import strips_of
from pcsr_edge.runtime.tiling import plan_tiles
from pcsr_edge.runtime.tuning import NEVER, Tuning

FRAME = Axis(9, 36), Axis(8, 32)
ROWS, COLS = Span(7, 19), Span(3, 30)
"""They begin and end within cells."""


@pytest.fixture(name="bands")
def _bands(tmp_path: Path) -> Tuple[Band, Band]:
    """Return the same queries cell by cell and as they lie."""
    model = FakeModel(0, 3, dense=True)
    net = Network(model.bundle(tmp_path), model.backend(), "fp32")
    (tile,) = plan_tiles(FRAME, 9, RADIUS)
    (strip,) = strips_of(tile, FRAME, RADIUS, 1)
    image = np.random.default_rng(0).random((9, 8, 3)).astype(np.float32)
    strip.extract(net, Stopwatch(), image)
    tuning = Tuning((37,) * 3, (NEVER,) * 3)
    setting = Setting(net, tuning, Stopwatch(), strip, FRAME, ROWS, COLS)
    return CellBand(setting), QueryBand(setting, QueryIndexer())


def assert_same(bands: Tuple[Band, Band], values: Tuple[Any, Any]) -> None:
    placed = [band.raster(each) for band, each in zip(bands, values)]
    assert placed[0].shape[:2] == (12, 27)
    np.testing.assert_allclose(placed[0], placed[1], atol=1e-5)


def test_logits_are_the_same(bands: Tuple[Band, Band]) -> None:
    assert_same(bands, (bands[0].logits(), bands[1].logits()))


def test_bases_are_the_same(bands: Tuple[Band, Band]) -> None:
    assert_same(bands, (bands[0].base(), bands[1].base()))


@pytest.mark.parametrize("j", [0, 1, 2])
def test_residuals_are_the_same(bands: Tuple[Band, Band], j: int) -> None:
    gathered = [band.residual(j, np.arange(band.size)) for band in bands]
    assert_same(bands, (gathered[0], gathered[1]))


@pytest.mark.parametrize("j", [0, 1, 2])
def test_all_residuals_are_those_of_each_query(bands: Tuple[Band, Band], j: int) -> None:
    for band in bands:
        every = np.ones((band.size, 3), np.float32)
        band.add_to_all(j, every)
        np.testing.assert_allclose(every, 1 + band.residual(j, np.arange(band.size)), atol=1e-6)


def test_only_cells_are_taken_without_gathering(bands: Tuple[Band, Band]) -> None:
    assert [band.takes_all for band in bands] == [True, False]


def test_a_few_residuals_are_those_of_their_queries(bands: Tuple[Band, Band]) -> None:
    for band in bands:
        chosen = np.arange(5, band.size, 7)
        whole = band.residual(1, np.arange(band.size))
        np.testing.assert_allclose(band.residual(1, chosen), whole[chosen], atol=1e-6)


def test_classes_are_put_in_place(bands: Tuple[Band, Band]) -> None:
    # Between two logits, so that rounding decides nothing.
    middle = np.sort(bands[1].logits()[:, 1])[160:162].mean()
    classes = [band.raster(np.asarray(band.logits()[:, 1] > middle, np.uint8)) for band in bands]
    assert 0 < classes[1].mean() < 1
    np.testing.assert_array_equal(classes[0], classes[1])
