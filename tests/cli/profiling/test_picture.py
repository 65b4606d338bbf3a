"""The picture of any size."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pcsr_edge.cli.profiling.picture import of_size, read_sample
from pcsr_edge.cli.values import Size

RAMP = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)


def test_cut_from_the_middle():
    assert np.array_equal(of_size(RAMP, Size(3, 1)), RAMP[2:3, 2:5])


def test_its_own_size_changes_nothing():
    assert np.array_equal(of_size(RAMP, Size(7, 5)), RAMP)


def test_mirrored_where_it_is_too_small():
    row = of_size(RAMP, Size(11, 5))[0, :, 0]
    assert list(row) == list(np.pad(RAMP[0, :, 0], 2, mode="symmetric"))


@given(st.integers(1, 40), st.integers(1, 40))
def test_every_size_is_reached_with_pixels_of_the_picture(width, height):
    found = of_size(RAMP, Size(width, height))
    assert found.shape == (height, width, 3)
    assert set(found[..., 0].ravel()) <= set(RAMP[..., 0].ravel())


def test_neighbours_stay_neighbours():
    # A jump at a mirror would be an edge that no picture has.
    row = of_size(RAMP, Size(40, 5))[0, :, 0].astype(int)
    assert np.abs(np.diff(row)).max() <= 3


def test_the_photograph_comes_along():
    assert read_sample(None).shape == (400, 600, 3)
