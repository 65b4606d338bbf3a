"""Bicubic interpolation in NumPy: against the definition, at every size, in blocks."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Tuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.bicubic import resized

from pcsr_edge.runtime import bicubic
from pcsr_edge.runtime.bicubic import line, resize
from pcsr_edge.runtime.sampling import Sampling

WHITE = {"uint8": 255, "uint16": 65535, "float32": 1}
SIDES = st.integers(1, 24)


def noise(height: int, width: int, dtype: str = "uint8") -> Any:
    """Return random pixels (h, w, 3)."""
    rng = np.random.default_rng(7)
    return (rng.random((height, width, 3)) * WHITE[dtype]).astype(dtype)


def check(image: Any, size: Tuple[int, int]) -> None:
    """Hold a result against the definition: rounded, with room for float32 at the halves."""
    out = resize(image, size)
    white = WHITE[image.dtype.name]
    exact = np.clip(resized(image, size), 0, white)
    assert out.dtype == image.dtype
    assert out.shape == (*size, 3)
    step = 0.0 if white == 1 else 0.5
    assert np.abs(out - exact).max() <= step + 2e-6 * white


@given(height=SIDES, width=SIDES, rows=SIDES, cols=SIDES)
def test_any_size_is_the_definition(height: int, width: int, rows: int, cols: int) -> None:
    check(noise(height, width), (rows, cols))


@pytest.mark.parametrize("dtype", WHITE)
@pytest.mark.parametrize("scale", [1, 2, 3, 4, 8, 17])
def test_whole_scales_are_the_definition(scale: int, dtype: str) -> None:
    check(noise(7, 5, dtype), (7 * scale, 5 * scale))


@pytest.mark.parametrize("size", [(9, 15), (15, 25), (6, 45)], ids=str)
def test_scales_that_repeat_are_the_definition(size: Tuple[int, int]) -> None:
    check(noise(6, 10), size)


def test_a_single_pixel_fills_the_result() -> None:
    image = np.array([[[1, 128, 255]]], np.uint8)
    assert np.array_equal(resize(image, (3, 5)), np.broadcast_to(image, (3, 5, 3)))


def test_scale_one_changes_nothing() -> None:
    image = noise(6, 5, "uint16")
    assert np.array_equal(resize(image, (6, 5)), image)


@pytest.mark.parametrize("value", [0, 1, 77, 254, 255])
def test_a_flat_picture_stays_flat(value: int) -> None:
    flat = np.full((9, 8, 3), value, np.uint8)
    assert np.array_equal(np.unique(resize(flat, (27, 31))), [value])


def test_overshoot_is_clipped() -> None:
    edge = np.repeat(np.array([[0, 0, 255, 255]], np.uint8), 4, axis=0)
    assert resize(edge, (4, 16))[0, 6:10].tolist() == [21, 88, 167, 234]
    assert resize(edge, (4, 16)).max() == 255


def test_white_of_fewer_bits_is_the_limit() -> None:
    edge = np.repeat(np.array([[0, 0, 1023, 1023]], np.uint16), 4, axis=0)
    assert resize(edge, (16, 16)).max() > 1023
    assert resize(edge, (16, 16), white=1023).max() == 1023


def test_a_plane_is_a_picture_of_one_channel() -> None:
    image = noise(9, 7)
    whole = resize(image, (36, 14))
    assert np.array_equal(resize(image[..., 1], (36, 14)), whole[..., 1])


def test_memory_layout_does_not_matter() -> None:
    view = noise(20, 18)[::-2, ::3]
    assert np.array_equal(resize(view, (20, 12)), resize(view.copy(), (20, 12)))


@pytest.mark.parametrize("size", [(36, 28), (31, 40), (5, 3)], ids=str)
def test_blocks_leave_no_trace(size: Tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    image = noise(12, 14)
    whole = resize(image, size)
    monkeypatch.setattr(bicubic, "BLOCK_COLUMNS", 5)
    monkeypatch.setattr(bicubic, "BLOCK_VALUES", 30)
    assert np.array_equal(resize(image, size), whole)


def test_a_given_scale_counts_where_the_size_was_rounded() -> None:
    ramp = np.repeat(np.arange(0, 50, 10, dtype=np.uint8)[None], 2, axis=0)
    out = resize(ramp, (2, 8), scale=(Fraction(1), Fraction(3, 2)))
    assert out[0, 3:5].tolist() == [round(10 * ((x + 0.5) / 1.5 - 0.5)) for x in (3, 4)]


def test_shrinking_averages() -> None:
    checks = (np.indices((64, 64)).sum(0) % 2 * 254).astype(np.uint8)
    assert np.unique(resize(checks, (16, 16))[4:-4, 4:-4]).tolist() == [127]


def test_shrinking_very_much_needs_no_more_memory_than_the_picture() -> None:
    flat = np.full((3000, 3000), 9, np.uint8)
    assert resize(flat, (1, 1)).tolist() == [[9]]


@pytest.mark.parametrize(
    ("image", "size"),
    [
        pytest.param(np.zeros(4, np.uint8), (2, 2), id="one-axis"),
        pytest.param(np.zeros((0, 4, 3), np.uint8), (2, 2), id="empty"),
        pytest.param(np.zeros((4, 4)), (2, 2), id="float64"),
        pytest.param(np.zeros((4, 4), np.uint8), (0, 2), id="empty-result"),
    ],
)
def test_what_cannot_be_resampled(image: Any, size: Any) -> None:
    with pytest.raises(ValueError, match=r"expected \(h, w\)|cannot be resampled"):
        resize(image, size)


def test_taps_of_no_weight_are_left_out() -> None:
    # Twice as large, the first sample of each two lies upon one of the input.
    axis = Sampling(8, 16, Fraction(2), 0)
    assert [len(parts) for _, parts in line(axis, 0, 16).portions] == [1, 4]
