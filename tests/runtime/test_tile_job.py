"""The work on one tile: its bands, what it delivers, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Tuple

import numpy as np
import pytest
from support.fake_model import RADIUS, FakeModel

from pcsr_edge.runtime import tile_job
from pcsr_edge.runtime.geometry import Axis, Span
from pcsr_edge.runtime.network import Network
from pcsr_edge.runtime.queries import QueryIndexer
from pcsr_edge.runtime.stopwatch import Stopwatch
from pcsr_edge.runtime.tile_job import TileJob
from pcsr_edge.runtime.tiling import plan_tiles

FRAME = Axis(9, 27), Axis(8, 24)


def job(folder: Path, index: int) -> TileJob:
    """Return one of six tiles (SR rows x columns 12x12, 12x12, 12x12, 12x12, 3x12, 3x12)."""
    model = FakeModel(0, 2)
    image = np.random.default_rng(0).random((9, 8, 3)).astype(np.float32)
    tile = plan_tiles(FRAME, 4, RADIUS)[index]
    net = Network(model.bundle(folder), model.backend(), "fp32", 1)
    return TileJob(net, QueryIndexer(), Stopwatch(), FRAME, tile, image)


@pytest.mark.parametrize(("queries", "height"), [(60, 4), (26, 2), (1, 1), (10**6, 13)])
def test_bands_cover_the_outer_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, queries: int, height: int
) -> None:
    monkeypatch.setattr(tile_job, "QUERIES_PER_BAND", queries)
    # 13 rows and 13 columns: one more than the core, on the sides that have a neighbour.
    bands = job(tmp_path, 0).bands()
    assert [row for band in bands for row in range(band.start, band.stop)] == list(range(13))
    assert {len(band) for band in bands[:-1]} <= {height}
    assert len(bands[-1]) <= height


@pytest.mark.parametrize(
    ("rows", "expected"),
    [(Span(11, 14), (12, 14)), (Span(11, 12), (12, 12)), (Span(22, 25), (22, 24))],
)
def test_the_core_of_a_band_is_what_the_tile_delivers(
    tmp_path: Path, rows: Span, expected: Tuple[int, int]
) -> None:
    # Its core are the rows 12 to 23 and the columns 12 to 23; it sees 11 to 24 and 11 to 23.
    places = np.add.outer(np.arange(rows.start, rows.stop) * 100, np.arange(11, 24))
    kept = job(tmp_path, 3).core(rows, places.astype(np.float32).ravel())
    exact = np.add.outer(np.arange(*expected) * 100, np.arange(12, 24))
    assert kept.tolist() == exact.ravel().tolist()


def test_a_tile_writes_its_core_alone(tmp_path: Path) -> None:
    out: Any = np.full((27, 24, 3), -1, np.float32)
    class_map = np.full((27, 24), 9, np.uint8)
    tile = job(tmp_path, 3)
    tile.fill_classes(1)
    (band,) = tile.bands()
    tile.upsample(band)
    tile.deliver(band, refine=True, out=out, class_map=class_map)
    core = np.zeros((27, 24), dtype=bool)
    core[12:24, 12:24] = True
    np.testing.assert_array_equal(class_map, np.where(core, 1, 9))
    np.testing.assert_array_equal((out >= 0).all(axis=2), core)


def test_classes_are_assigned_by_the_logits_of_the_band(tmp_path: Path) -> None:
    tile = job(tmp_path, 0)
    (band,) = tile.bands()
    light = tile.logits(band)[:, 1]
    middle = np.median(light)
    tile.assign(band, lambda logits: np.asarray(logits[:, 1] > middle, np.uint8))
    tile.upsample(band)
    class_map = np.empty((27, 24), np.uint8)
    tile.deliver(band, refine=False, out=np.empty((27, 24, 3), np.float32), class_map=class_map)
    expected = (light > middle).reshape(13, 13)[:12, :12]
    np.testing.assert_array_equal(class_map[:12, :12], expected)
