"""Bicubic resampling: MATLAB's kernel, edges and rounding, by hand and on the field's pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Tuple

import numpy as np
import pytest
from PIL import Image

from pcsr_edge.runtime.resample import bicubic, crop_to_multiple, downscale, to_uint8

HALVING = np.array([-3, -9, 29, 111]) / 256
"""Weights for scale 1/2: half the Keys kernel at 1.75, 1.25, 0.75 and 0.25."""
DOUBLING = 2 * HALVING


def impulse(length: int, place: int) -> Any:
    """Return one row of zeros with a single one."""
    row = np.zeros((1, length))
    row[0, place] = 1
    return row


def resample_row(row: Any, length: int, scale: float) -> Any:
    """Resample one row."""
    return bicubic(row, (1, length), (1, scale))[0]


def smooth(height: int, width: int) -> Any:
    """Draw noise, uint8 RGB."""
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_halving_by_hand() -> None:
    out = resample_row(impulse(8, 4), 4, 0.5)
    assert out.tolist() == pytest.approx([HALVING[0], HALVING[2], HALVING[3], HALVING[1]])


def test_halving_repeats_the_edge_pixel() -> None:
    out = resample_row(impulse(8, 0), 4, 0.5)
    assert out.tolist() == pytest.approx([HALVING.sum(), HALVING[1] + HALVING[0], 0, 0])


def test_doubling_by_hand() -> None:
    out = resample_row(impulse(5, 2), 10, 2)
    assert out.tolist() == pytest.approx([0, *DOUBLING, *DOUBLING[::-1], 0])


def test_doubling_repeats_the_edge_pixel() -> None:
    out = resample_row(impulse(5, 4), 10, 2)
    rising = [0, 0, 0, 0, 0, DOUBLING[0], DOUBLING[1], DOUBLING[2] + DOUBLING[0]]
    last = [DOUBLING[3] + DOUBLING[1], DOUBLING[3] + DOUBLING[2] + DOUBLING[0]]
    assert out[:8].tolist() == pytest.approx(rising)
    assert out[8:].tolist() == pytest.approx(last)


def test_rows_and_columns_are_treated_alike() -> None:
    image = smooth(9, 14)
    turned = bicubic(image.swapaxes(0, 1), (21, 18), (1.5, 2))
    assert bicubic(image, (18, 21), (2, 1.5)) == pytest.approx(turned.swapaxes(0, 1))


@pytest.mark.parametrize("scale", [0.25, 1 / 3, 0.7, 1.0, 2.5, 4.0])
def test_a_flat_image_stays_flat(scale: float) -> None:
    size = (round(11 * scale), round(13 * scale))
    assert bicubic(np.full((11, 13, 3), 77, np.uint8), size, (scale, scale)) == pytest.approx(77)


def test_scale_one_changes_nothing() -> None:
    image = smooth(6, 5)
    assert np.array_equal(bicubic(image, (6, 5), (1, 1)), image)


def test_a_ramp_stays_a_ramp_away_from_the_edges() -> None:
    out = resample_row(np.arange(12.0)[None], 36, 3)
    expected = (np.arange(36) + 0.5) / 3 - 0.5
    assert out[6:-6] == pytest.approx(expected[6:-6])


def test_the_scale_that_was_asked_for_counts_where_a_size_was_rounded() -> None:
    # 5 * 1.5 is rounded to 8; the ratio of the sizes would be 1.6.
    out = resample_row(np.arange(5.0)[None], 8, 1.5)
    assert out[3:5] == pytest.approx((np.array([3, 4]) + 0.5) / 1.5 - 0.5)


def test_shrinking_averages() -> None:
    checks = np.indices((64, 64)).sum(0) % 2 * 255
    assert bicubic(checks, (16, 16), (0.25, 0.25))[4:-4, 4:-4] == pytest.approx(127.5, abs=0.01)


def test_channels_are_independent() -> None:
    image = smooth(9, 8)
    whole = bicubic(image, (5, 16), (0.6, 2))
    planes = [bicubic(image[..., c], (5, 16), (0.6, 2)) for c in range(3)]
    assert np.array_equal(whole, np.stack(planes, axis=-1))


def test_memory_layout_does_not_matter() -> None:
    image = smooth(20, 18)
    view = image[::-2, ::3]
    expected = bicubic(view.copy(), (20, 12), (2, 2))
    assert np.array_equal(bicubic(view, (20, 12), (2, 2)), expected)


def test_large_images_are_cut_into_blocks_without_a_trace() -> None:
    # 30000 values per row leave one row to a block; a narrow strip has many.
    image = smooth(12, 10000)
    whole = bicubic(image, (24, 10000), (2, 1))
    assert np.array_equal(whole[:, 50:60], bicubic(image[:, 50:60], (24, 10), (2, 1)))


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (2, 2)], ids=str)
def test_images_smaller_than_the_kernel(size: Tuple[int, int]) -> None:
    out = bicubic(np.full((*size, 3), 9.0), (4 * size[0], 4 * size[1]), (4, 4))
    assert out == pytest.approx(9)


@pytest.mark.parametrize(
    ("shape", "size", "scale"),
    [
        pytest.param((4,), (2, 2), (1, 1), id="one-axis"),
        pytest.param((0, 4, 3), (2, 2), (1, 1), id="empty"),
        pytest.param((4, 4), (0, 2), (0.1, 0.5), id="empty-result"),
        pytest.param((4, 4), (2, 2), (0, 0.5), id="scale-0"),
        pytest.param((4, 4), (2, 2), (0.5, float("nan")), id="nan"),
    ],
)
def test_what_cannot_be_resampled(shape: Any, size: Any, scale: Any) -> None:
    with pytest.raises(ValueError, match=r"expected an image|cannot be resampled"):
        bicubic(np.zeros(shape), size, scale)


def test_rounding_goes_up_from_a_half_and_clips() -> None:
    values = np.array([[-3.0, 0.49, 0.5, 1.5, 254.5, 300.0]])
    assert to_uint8(values).tolist() == [[0, 0, 1, 2, 255, 255]]


def test_rounding_leaves_its_input_alone_and_orders_rows() -> None:
    values = np.asfortranarray(np.full((3, 4), 0.5))
    out = to_uint8(values)
    assert out.flags.c_contiguous
    assert float(values.max()) == 0.5


def test_degradation_rounds_between_rows_and_columns() -> None:
    # Rows first: 0.5 becomes 1, whose half becomes 1; a quarter would have become 0.
    assert downscale(np.array([[0, 0], [1, 0]], np.uint8), 2).tolist() == [[1]]


def test_degradation_keeps_gray_gray() -> None:
    gray = smooth(12, 8)[..., 0]
    colour = np.repeat(gray[..., None], 3, axis=2)
    assert np.array_equal(downscale(colour, 4)[..., 1], downscale(gray, 4))


@pytest.mark.parametrize("shape", [(6, 8, 3), (8, 6, 3), (0, 4, 3)], ids=str)
def test_degradation_wants_a_multiple_of_the_scale(shape: Tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"cannot be degraded by 4|expected an image"):
        downscale(np.zeros(shape, np.uint8), 4)


def test_cropping_keeps_the_top_left() -> None:
    image = smooth(11, 9)
    assert np.array_equal(crop_to_multiple(image, 4), image[:8, :8])
    assert crop_to_multiple(image[:3], 4).size == 0


def read(path: Path) -> Any:
    """Read a picture as uint8 RGB."""
    return np.asarray(Image.open(path).convert("RGB"))


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("name", ["set5", "set14"])
def test_the_fields_lr_pictures_are_reproduced_bit_by_bit(
    shared_data: Path, name: str, scale: int
) -> None:
    folder = shared_data / "test" / name / f"x{scale}"
    different = []
    for path in sorted((folder / "HR").iterdir()):
        lr = downscale(crop_to_multiple(read(path), scale), scale)
        if not np.array_equal(lr, read(folder / "LR" / path.name)):
            different.append(path.name)
    assert different == []
