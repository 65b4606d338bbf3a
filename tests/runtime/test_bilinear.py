"""The bilinear base against its definition, and in parts."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from support import reference

from pcsr_edge.runtime.bilinear import bilinear_rows
from pcsr_edge.runtime.geometry import Axis, Span

axes = st.builds(Axis, st.integers(1, 40), st.integers(1, 90))


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


def test_a_part_from_its_window_equals_the_whole() -> None:
    image = np.random.default_rng(0).random((8, 9, 3)).astype(np.float32)
    frame = Axis(8, 20), Axis(9, 31)
    whole = bilinear_rows(image, (0, 0), frame, Span(0, 20), Span(0, 31))
    # Rows 8 to 11 lie between the cells 3 and 5, columns 10 to 19 between 2 and 6.
    part = bilinear_rows(image[2:6, 2:7], (2, 2), frame, Span(8, 12), Span(10, 20))
    np.testing.assert_array_equal(part, whole[8:12, 10:20])


def test_a_flat_image_stays_flat() -> None:
    image = np.full((2, 3, 3), 0.3, np.float32)
    out = bilinear_rows(image, (0, 0), (Axis(2, 7), Axis(3, 5)), Span(0, 7), Span(0, 5))
    np.testing.assert_array_equal(out, np.full((7, 5, 3), 0.3, np.float32))
