"""Pixel formats: what is accepted, and that values are clipped and rounded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.pixels import check_image, from_unit, is_flat, to_planes, window

VALUES = [-0.1, 0.0, 0.25, 1.0, 1.1]
EXPECTED = {
    "uint8": [0, 0, 64, 255, 255],
    "uint16": [0, 0, 16384, 65535, 65535],
    "float32": [0, 0, 0.25, 1, 1],
}


@pytest.mark.parametrize("dtype", EXPECTED)
def test_values_are_clipped_and_rounded(dtype: str) -> None:
    out = np.empty((1, 5, 3), dtype)
    from_unit(np.repeat(np.array(VALUES, np.float32), 3).reshape(1, 5, 3), out)
    assert out[0, :, 1].tolist() == EXPECTED[dtype]


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_integers_come_back_as_they_were(dtype: str) -> None:
    values = np.arange(np.iinfo(dtype).max + 1).astype(dtype).reshape(-1, 1, 1).repeat(3, axis=2)
    out = np.empty_like(values)
    from_unit(to_planes(values)[0].transpose(1, 2, 0).copy(), out)
    np.testing.assert_array_equal(out, values)


@pytest.mark.parametrize(("dtype", "white"), [("uint8", 255), ("uint16", 65535), ("float32", 1)])
def test_white_becomes_one(dtype: str, white: int) -> None:
    planes = to_planes(np.full((2, 3, 3), white, dtype))
    assert (planes.shape, planes.dtype) == ((1, 3, 2, 3), np.float32)
    np.testing.assert_allclose(planes, 1, rtol=1e-6)


def test_a_window_is_cut_as_planes_and_as_pixels() -> None:
    image = np.random.default_rng(0).random((6, 7, 3)).astype(np.float32)
    planes, pixels = window(image, slice(1, 4), slice(2, 7))
    np.testing.assert_array_equal(pixels, image[1:4, 2:7])
    np.testing.assert_array_equal(planes[0].transpose(1, 2, 0), pixels)


@pytest.mark.parametrize("place", [(0, 0, 0), (0, 4, 1), (3, 0, 2), (3, 4, 0)])
def test_one_other_value_makes_an_image_not_flat(place: Any) -> None:
    image = np.empty((4, 5, 3), np.uint8)
    image[:] = 1, 2, 3
    assert is_flat(image)
    image[place] += 1
    assert not is_flat(image)


@pytest.mark.parametrize("low", [-0.5, 0])
def test_floats_may_overshoot_a_little(low: float) -> None:
    check_image(np.array([[[low, 0.5, 1.5]]], np.float32))


@pytest.mark.parametrize("value", [-0.6, 1.6, 255])
def test_floats_far_outside_are_refused(value: float) -> None:
    with pytest.raises(UsageError, match=r"expected 0…1"):
        check_image(np.array([[[0, 0.5, value]]], np.float32))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_floats_that_are_not_finite_are_refused(value: float) -> None:
    with pytest.raises(UsageError, match="not finite"):
        check_image(np.array([[[0, 0.5, value]]], np.float32))
