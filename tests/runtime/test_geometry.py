"""Axis geometry against the definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import reference

from pcsr_edge.runtime.geometry import Axis, Span

axes = st.builds(Axis, st.integers(1, 40), st.integers(1, 90))


@given(axes)
def test_cells_are_the_nearest_centres(axis: Axis) -> None:
    for query, cell in enumerate(axis.cells(0, axis.n_hr)):
        assert cell == reference.nearest(reference.centre(query, axis.n_hr), axis.n_lr)


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


@given(axes, st.data())
def test_first_query_is_the_first_of_its_cell(axis: Axis, data: st.DataObject) -> None:
    cell = data.draw(st.integers(0, axis.n_lr - 1))
    cells = axis.cells(0, axis.n_hr)
    expected = int(np.searchsorted(cells, cell))
    assert axis.first_query(cell) == expected


def test_span_grows_inside_its_limits() -> None:
    assert Span(1, 4).grow(2, 5) == Span(0, 5)


@pytest.mark.parametrize(
    ("other", "common"),
    [((5, 20), (5, 10)), ((0, 7), (2, 7)), ((3, 4), (3, 4)), ((10, 12), (10, 10))],
)
def test_what_two_spans_have_in_common(other: tuple[int, int], common: tuple[int, int]) -> None:
    assert Span(2, 10).common(Span(*other)) == Span(*common)


def test_spans_apart_have_nothing_in_common() -> None:
    assert len(Span(2, 4).common(Span(7, 9))) == 0
