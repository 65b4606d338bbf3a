"""Axis geometry and bilinear base against the definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import reference

from pcsr_edge.runtime.bilinear import bilinear_rows
from pcsr_edge.runtime.geometry import Axis, Span

axes = st.builds(Axis, st.integers(1, 40), st.integers(1, 90))


@settings(deadline=None)
@given(axes)
def test_cells_are_the_nearest_centres(axis: Axis) -> None:
    for query, cell in enumerate(axis.cells(0, axis.n_hr)):
        assert cell == reference.nearest(reference.centre(query, axis.n_hr), axis.n_lr)


@settings(deadline=None)
@given(axes)
def test_rel_is_the_distance_to_the_cell(axis: Axis) -> None:
    rel = axis.rel(axis.offsets(0, axis.n_hr))
    for query, cell in enumerate(axis.cells(0, axis.n_hr)):
        gap = reference.centre(query, axis.n_hr) - reference.centre(int(cell), axis.n_lr)
        assert rel[query] == pytest.approx(gap * axis.n_lr, abs=1e-6)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_integer_scales_have_as_many_phases(scale: int) -> None:
    axis = Axis(7, 7 * scale)
    rel = np.unique(axis.rel(axis.offsets(0, axis.n_hr)))
    np.testing.assert_allclose(rel, [(2 * p + 1) / scale - 1 for p in range(scale)], atol=1e-7)
    assert axis.cell_size == pytest.approx(2 / scale)


@settings(deadline=None)
@given(axes, st.data())
def test_first_query_is_the_first_of_its_cell(axis: Axis, data: st.DataObject) -> None:
    cell = data.draw(st.integers(0, axis.n_lr - 1))
    cells = axis.cells(0, axis.n_hr)
    expected = int(np.searchsorted(cells, cell))
    assert axis.first_query(cell) == expected


@settings(deadline=None)
@given(axes, axes, st.integers(0, 9))
def test_bilinear_equals_the_reference(rows: Axis, cols: Axis, seed: int) -> None:
    rows, cols = (
        Axis(min(rows.n_lr, 6), min(rows.n_hr, 9)),
        Axis(min(cols.n_lr, 6), min(cols.n_hr, 9)),
    )
    image = np.random.default_rng(seed).random((rows.n_lr, cols.n_lr, 3)).astype(np.float32)
    out = bilinear_rows(image, (0, 0), (rows, cols), Span(0, rows.n_hr), Span(0, cols.n_hr))
    for y in range(rows.n_hr):
        for x in range(cols.n_hr):
            expected = reference.bilinear(image, y, x, (rows.n_hr, cols.n_hr))
            np.testing.assert_allclose(out[y, x], expected, atol=1e-6)


def test_span_grows_inside_its_limits() -> None:
    assert Span(1, 4).grow(2, 5) == Span(0, 5)
