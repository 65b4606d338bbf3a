"""Queries of a band: their cells and phases, and how many are kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcsr_edge.runtime.geometry import Axis, Span
from pcsr_edge.runtime.queries import Queries, QueryIndexer

axes = st.builds(Axis, st.integers(1, 20), st.integers(1, 50))


@given(axes, axes, st.data())
def test_every_query_has_its_cell_and_geometry(rows: Axis, cols: Axis, data: Any) -> None:
    start = data.draw(st.integers(0, rows.n_hr - 1))
    band = Span(start, data.draw(st.integers(start + 1, rows.n_hr)))
    every = Span(0, cols.n_hr)
    queries = QueryIndexer().band((rows, cols), band, every, Span(0, cols.n_lr))
    first = rows.cells(band.start, band.stop)[0]
    for place, (cell, phase) in enumerate(zip(queries.cell, queries.phase)):
        y, x = divmod(place, len(every))
        cell_y, cell_x = rows.cells(0, rows.n_hr)[start + y], cols.cells(0, cols.n_hr)[x]
        assert cell == (cell_y - first) * cols.n_lr + cell_x
        rel_y = rows.rel(rows.offsets(start + y, start + y + 1))[0]
        rel_x = cols.rel(cols.offsets(x, x + 1))[0]
        expected = [rel_y, rel_x, rows.cell_size, cols.cell_size]
        np.testing.assert_allclose(queries.geometry[phase], expected, rtol=1e-6)


def test_an_integer_scale_has_few_phases() -> None:
    frame = Axis(5, 15), Axis(6, 18)
    queries = QueryIndexer().band(frame, Span(0, 15), Span(0, 18), Span(0, 6))
    assert queries.geometry.shape == (9, 4)
    assert queries.cell.dtype == queries.phase.dtype == np.int32


def test_a_window_shifts_the_cells() -> None:
    frame = Axis(5, 10), Axis(9, 18)
    queries = QueryIndexer().band(frame, Span(4, 5), Span(8, 10), Span(3, 7))
    assert queries.cell.tolist() == [1, 1]


@pytest.mark.parametrize("chosen", [[2, 5], [0, 3, 4, 5, 6, 7, 8]])
def test_some_queries_keep_their_cells_and_geometry(chosen: Any) -> None:
    rng = np.random.default_rng(0)
    geometry = rng.random((6, 4)).astype(np.float32)
    phase = rng.integers(0, 6, 9).astype(np.int32)
    some = Queries(np.arange(9, dtype=np.int32), phase, geometry).take(np.array(chosen))
    assert some.cell.tolist() == chosen
    np.testing.assert_array_equal(some.geometry[some.phase], geometry[phase[chosen]])
    assert len(some.geometry) <= max(6, len(chosen))


def test_few_queries_bring_their_own_phases_alone() -> None:
    many = Queries(*(np.arange(9, dtype=np.int32),) * 2, np.zeros((9, 4), np.float32))
    assert len(many.take(np.array([1, 7])).geometry) == 2


def row(indexer: QueryIndexer, width: int) -> Queries:
    return indexer.band((Axis(1, 1), Axis(width, width)), Span(0, 1), Span(0, width), Span(0, 99))


def test_a_band_of_the_same_shape_is_kept() -> None:
    indexer = QueryIndexer()
    assert row(indexer, 9) is row(indexer, 9)


def test_kept_bytes_are_bounded_and_the_oldest_go_first() -> None:
    # 8 bytes a query, and 16 for the one phase.
    indexer = QueryIndexer(keep=3 * (8 * 10 + 16))
    first, second = row(indexer, 10), row(indexer, 9)
    assert indexer.kept == 8 * 19 + 2 * 16
    assert row(indexer, 10) is first
    row(indexer, 12)
    assert indexer.kept <= 3 * 96
    assert row(indexer, 10) is first
    assert row(indexer, 9) is not second


def test_what_is_larger_than_the_bound_is_not_kept() -> None:
    indexer = QueryIndexer(keep=50)
    row(indexer, 10)
    assert indexer.kept == 0
