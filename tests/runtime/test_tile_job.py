"""The work on one tile: its bands, what it delivers, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Tuple

import numpy as np
import pytest
from support.fake_model import RADIUS, FakeModel

from pcsr_edge.runtime import tile_job
from pcsr_edge.runtime.assignment import Choice
from pcsr_edge.runtime.geometry import Axis, Span
from pcsr_edge.runtime.network import Network
from pcsr_edge.runtime.queries import QueryIndexer
from pcsr_edge.runtime.stopwatch import Stopwatch
from pcsr_edge.runtime.tile_job import Part, TileJob
from pcsr_edge.runtime.tiling import plan_tiles
from pcsr_edge.runtime.tuning import NEVER, Tuning

FRAME = Axis(12, 36), Axis(8, 24)


def job(folder: Path, index: int, threads: int = 1) -> TileJob:
    """Return one of six tiles of 12 x 12 SR pixels, two in a row."""
    model = FakeModel(0, 2)
    image = np.random.default_rng(0).random((12, 8, 3)).astype(np.float32)
    tile = plan_tiles(FRAME, 4, RADIUS)[index]
    net = Network(model.bundle(folder), model.backend(), "fp32")
    tuning = Tuning((10**6,) * 2, (NEVER,) * 2)
    canvas = np.empty((200, 3), np.float32)
    made = TileJob(net, tuning, QueryIndexer(), Stopwatch(), FRAME, tile, image, threads, canvas)
    for strip in made.strips:
        made.extract(strip)
    return made


@pytest.mark.parametrize(("queries", "height"), [(80, 6), (40, 3), (1, 3), (10**6, 13)])
@pytest.mark.parametrize("threads", [1, 2])
def test_bands_cover_the_outer_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, queries: int, height: int, threads: int
) -> None:
    monkeypatch.setattr(tile_job, "QUERIES_PER_BAND", queries)
    # 13 rows and 13 columns: one more than the core, on the sides that have a neighbour.
    tile = job(tmp_path, 0, threads)
    assert len(tile.strips) == threads
    bands = [rows for _, rows in tile.bands()]
    assert [row for band in bands for row in range(band.start, band.stop)] == list(range(13))
    assert max(map(len, bands)) <= height
    # A cell has three rows, and is never cut: each band begins with one.
    assert all(band.start % 3 == 0 for band in bands)


@pytest.mark.parametrize(("queries", "height"), [(60, 5), (24, 2), (1, 1), (10**6, 12)])
def test_pieces_cover_the_rows_that_are_delivered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, queries: int, height: int
) -> None:
    monkeypatch.setattr(tile_job, "QUERIES_PER_BAND", queries)
    pieces = job(tmp_path, 3).rows()
    assert [row for piece in pieces for row in range(piece.start, piece.stop)] == [*range(12, 24)]
    assert {len(piece) for piece in pieces[:-1]} <= {height}
    assert len(pieces[-1]) <= height


@pytest.mark.parametrize(
    ("rows", "expected"),
    [(Span(11, 14), (12, 14)), (Span(11, 12), (12, 12)), (Span(22, 25), (22, 24))],
)
def test_the_core_of_a_band_is_what_the_tile_delivers(
    tmp_path: Path, rows: Span, expected: Tuple[int, int]
) -> None:
    # Its core are the rows 12 to 23 and the columns 12 to 23; it sees 11 to 24 and 11 to 23.
    tile = job(tmp_path, 3)
    places = np.add.outer(np.arange(rows.start, rows.stop) * 100, np.arange(11, 24))
    part = Part(tile.strips[0], rows)
    kept = tile.core(part, lambda logits: places.astype(np.float32).ravel())
    exact = np.add.outer(np.arange(*expected) * 100, np.arange(12, 24))
    assert kept.tolist() == exact.ravel().tolist()


def deliver(tile: TileJob, smooth: bool, out: Any, class_map: Any) -> None:
    for rows in tile.rows():
        tile.deliver(rows, smooth, out, class_map)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_tile_writes_its_core_alone(tmp_path: Path, threads: int) -> None:
    out: Any = np.full((36, 24, 3), -1, np.float32)
    class_map = np.full((36, 24), 9, np.uint8)
    tile = job(tmp_path, 3, threads)
    for part in tile.bands():
        tile.upsample(part, None, 1)
    deliver(tile, True, out, class_map)
    core = np.zeros((36, 24), dtype=bool)
    core[12:24, 12:24] = True
    np.testing.assert_array_equal(class_map, np.where(core, 1, 9))
    np.testing.assert_array_equal((out >= 0).all(axis=2), core)


@pytest.mark.parametrize("smooth", [False, True])
def test_pieces_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, smooth: bool
) -> None:
    # Refinement looks beyond a piece: its neighbours must be as they were.
    tile, results = job(tmp_path, 3), []
    (part,) = tile.bands()
    stripes = Choice(lambda logits: logits, lambda it: np.arange(len(it), dtype=np.uint8) // 5 % 2)
    tile.upsample(part, stripes, 0)
    for queries in (10**6, 24, 1):
        monkeypatch.setattr(tile_job, "QUERIES_PER_BAND", queries)
        out = np.zeros((36, 24, 3), np.float32)
        deliver(tile, smooth, out, np.empty((36, 24), np.uint8))
        results.append(out)
    for out in results[1:]:
        np.testing.assert_array_equal(out, results[0])


def test_classes_are_assigned_by_the_logits_of_the_band(tmp_path: Path) -> None:
    tile, seen = job(tmp_path, 0), []
    (part,) = tile.bands()
    middle = 0.42
    choice = Choice(
        lambda logits: seen.append(logits[:, 1]) or logits[:, 1],
        lambda scores: np.asarray(scores > middle, np.uint8),
    )
    tile.upsample(part, choice, 0)
    light = seen[0]
    assert 0.2 < (light > middle).mean() < 0.8
    class_map = np.empty((36, 24), np.uint8)
    deliver(tile, False, np.empty((36, 24, 3), np.float32), class_map)
    expected = (light > middle).reshape(13, 13)[:12, :12]
    np.testing.assert_array_equal(class_map[:12, :12], expected)


def test_scores_that_are_known_are_not_computed_again(tmp_path: Path) -> None:
    tile = job(tmp_path, 0)
    (part,) = tile.bands()
    places = tile.core(part, lambda logits: np.arange(len(logits), dtype=np.float32))
    tile.upsample(part, Choice(pytest.fail, lambda scores: np.asarray(scores % 3 == 0)), 0)
    class_map = np.empty((36, 24), np.uint8)
    deliver(tile, False, np.empty((36, 24, 3), np.float32), class_map)
    np.testing.assert_array_equal(class_map[:12, :12].ravel(), places % 3 == 0)
