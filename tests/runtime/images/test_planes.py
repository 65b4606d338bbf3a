"""Orientation, hidden colours, alpha and bit depth."""

from __future__ import annotations

from typing import Any, Tuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.picture_files import noise

from pcsr_edge.runtime.images.planes import (
    fill_hidden,
    mean_plane,
    orient,
    resize_plane,
    to_8_bit,
)
from pcsr_edge.runtime.resample import bicubic

# The letter F, upright, and as a camera stores it in each orientation (EXIF 2.32, 4.6.5).
F = np.array([[1, 1], [1, 0], [1, 0]])
STORED = {
    1: F,
    2: [[1, 1], [0, 1], [0, 1]],
    3: [[0, 1], [0, 1], [1, 1]],
    4: [[1, 0], [1, 0], [1, 1]],
    5: [[1, 1, 1], [1, 0, 0]],
    6: [[1, 0, 0], [1, 1, 1]],
    7: [[0, 0, 1], [1, 1, 1]],
    8: [[1, 1, 1], [0, 0, 1]],
}


@pytest.mark.parametrize("orientation", STORED)
def test_every_orientation_comes_out_upright(orientation: int) -> None:
    np.testing.assert_array_equal(orient(np.array(STORED[orientation]), orientation), F)


def distances(visible: Any) -> Any:
    """Return the L1 distance of each cell to the nearest true one, the slow way."""
    ys, xs = np.nonzero(visible)
    rows, cols = np.indices(visible.shape)
    steps = abs(rows[..., None] - ys) + abs(cols[..., None] - xs)
    return steps.min(axis=2)


@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(1, 9))
def test_hidden_pixels_take_a_nearest_visible_colour(seed: int, height: int, width: int) -> None:
    rng = np.random.RandomState(seed)
    visible = rng.rand(height, width) < 0.3
    visible[rng.randint(height), rng.randint(width)] = True
    # The colour of a pixel tells where it comes from.
    rows, cols = np.indices(visible.shape)
    places = np.stack([rows, cols, rows * 0], axis=2).astype(np.uint8)
    filled = fill_hidden(places, visible.astype(np.uint8)).astype(int)
    assert visible[filled[..., 0], filled[..., 1]].all()
    steps = abs(filled[..., 0] - rows) + abs(filled[..., 1] - cols)
    np.testing.assert_array_equal(steps, distances(visible))


@pytest.mark.parametrize("alpha", [0, 255])
def test_nothing_to_fill(alpha: int) -> None:
    rgb = noise(3, 4, 3)
    np.testing.assert_array_equal(fill_hidden(rgb, np.full((3, 4), alpha, np.uint8)), rgb)


def test_fill_leaves_its_input_alone() -> None:
    rgb, alpha = noise(3, 4, 3), np.eye(3, 4, dtype=np.uint8)
    before = rgb.copy()
    fill_hidden(rgb, alpha)
    np.testing.assert_array_equal(rgb, before)


def white_disc() -> Tuple[Any, Any]:
    """Return RGB and alpha of a white disc over transparent black."""
    rows, cols = np.indices((24, 24))
    inside = np.hypot(rows - 11.5, cols - 11.5) < 8
    alpha = np.where(inside, 255, 0).astype(np.uint8)
    return np.repeat(alpha[..., None], 3, axis=2), alpha


def composed(rgb: Any, alpha: Any) -> Any:
    """Return the disc ×4 by bicubic, laid on a white ground."""
    large = np.clip(bicubic(rgb, (96, 96), (4, 4)), 0, 255)
    opacity = resize_plane(alpha, (96, 96))[..., None] / 255
    return large * opacity + 255 * (1 - opacity)


def test_white_disc_over_transparent_black_gets_no_halo() -> None:
    rgb, alpha = white_disc()
    assert composed(fill_hidden(rgb, alpha), alpha).min() > 254.99
    assert composed(rgb, alpha).min() < 220


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("size", [(20, 28), (7, 300), (3, 4), (11, 9)])
def test_plane_is_resized_by_bicubic(dtype: Any, size: Tuple[int, int]) -> None:
    plane = noise(5, 7, 1, dtype)[..., 0]
    result = resize_plane(plane, size)
    exact = bicubic(plane, size, (size[0] / 5, size[1] / 7))
    assert result.dtype == dtype
    assert result.shape == size
    limited = np.clip(exact, 0, np.iinfo(dtype).max)
    assert np.abs(result - limited).max() <= 0.5 + 1e-6


def test_plane_is_clipped_to_its_range() -> None:
    plane = np.repeat(np.array([[0, 65535]], np.uint16), 4, axis=1).repeat(8, axis=0)
    result = resize_plane(plane, (32, 32))
    assert bicubic(plane, (32, 32), (4, 4)).max() > 65535
    assert (result.min(), result.max()) == (0, 65535)


@pytest.mark.parametrize("value", [0, 77, 255])
def test_constant_plane_stays_constant(value: int) -> None:
    result = resize_plane(np.full((3, 4), value, np.uint8), (12, 16))
    np.testing.assert_array_equal(result, np.full((12, 16), value, np.uint8))
    assert result.dtype == np.uint8


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_mean_is_rounded(dtype: Any) -> None:
    rgb = noise(9, 9, 3, dtype)
    expected = np.round(rgb.astype(np.float64).mean(axis=2))
    np.testing.assert_array_equal(mean_plane(rgb, dtype), expected)
    assert mean_plane(rgb, dtype).dtype == dtype


def test_mean_of_equal_channels_is_the_channel() -> None:
    gray = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    rgb = np.stack([gray] * 3, axis=2)
    np.testing.assert_array_equal(mean_plane(rgb, np.uint16), gray)


def test_16_bits_are_rounded_to_the_nearest_8() -> None:
    deep = np.arange(65536, dtype=np.uint16)
    np.testing.assert_array_equal(to_8_bit(deep), np.round(deep / 257))
    assert to_8_bit(deep).dtype == np.uint8


def test_8_bits_stay() -> None:
    pixels = noise(3, 4, 3)
    assert to_8_bit(pixels) is pixels
