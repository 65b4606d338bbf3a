"""Refinement against a per-pixel reference."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from support import reference

from pcsr_edge.runtime.refinement import refine, refinement_targets

maps = st.tuples(st.integers(1, 9), st.integers(1, 9)).flatmap(
    lambda shape: hnp.arrays(np.uint8, shape, elements=st.integers(0, 3))
)


@settings(max_examples=200)
@given(maps, st.integers(1, 4), st.integers(0, 9))
def test_refinement_equals_the_reference(class_map: Any, classes: int, seed: int) -> None:
    class_map = np.minimum(class_map, classes - 1)
    canvas = np.random.default_rng(seed).random((*class_map.shape, 3)).astype(np.float32)
    expected = reference.refine(canvas, class_map, classes)
    np.testing.assert_allclose(refine(canvas, class_map, classes), expected, atol=1e-6)


def test_the_outermost_pixels_stay() -> None:
    class_map = np.ones((4, 4), np.uint8)
    class_map[0, 0] = 0
    assert np.argwhere(refinement_targets(class_map, 2)).tolist() == [[0, 0]]


def test_the_canvas_is_left_alone() -> None:
    class_map = np.eye(5, dtype=np.uint8)
    canvas = np.random.default_rng(0).random((5, 5, 3)).astype(np.float32)
    before = canvas.copy()
    assert not np.array_equal(refine(canvas, class_map, 2), canvas)
    np.testing.assert_array_equal(canvas, before)


def test_one_kind_of_class_needs_no_refinement() -> None:
    for value in (0, 1):
        assert not refinement_targets(np.full((5, 5), value, np.uint8), 2).any()
