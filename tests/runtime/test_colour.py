"""Colour planes: the standards' numbers, gray, round trips."""

from __future__ import annotations

from typing import Any, Tuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcsr_edge.runtime import colour
from pcsr_edge.runtime.codes import to_codes
from pcsr_edge.runtime.colour import Matrix, Range, rgb_to_ycbcr, ycbcr_to_rgb

MATRICES = tuple(Matrix)
RANGES = tuple(Range)
BT601 = (Matrix.BT601, Range.STUDIO)


def pixel(*rgb: int) -> Any:
    """Return one uint8 pixel as a picture."""
    return np.array([[rgb]], np.uint8)


def noise(dtype: str, height: int = 9, width: int = 7) -> Any:
    """Return random pixels (h, w, 3)."""
    rng = np.random.default_rng(3)
    if dtype == "float32":
        return rng.random((height, width, 3)).astype(np.float32)
    return rng.integers(0, np.iinfo(dtype).max + 1, (height, width, 3), dtype=dtype)


def codes_of(rgb: Any, matrix: Matrix, swing: Range, bits: int = 8) -> Tuple[int, ...]:
    """Return the codes of one pixel."""
    planes = rgb_to_ycbcr(rgb, matrix, swing)
    chroma = (False, True, True)
    return tuple(
        int(to_codes(plane, bits, swing, chroma=c)[0, 0]) for plane, c in zip(planes, chroma)
    )


@pytest.mark.parametrize(
    ("matrix", "swing", "rgb", "expected"),
    [
        # 100 % colour bars as printed with BT.601 and BT.709.
        (Matrix.BT601, Range.STUDIO, (255, 255, 255), (235, 128, 128)),
        (Matrix.BT601, Range.STUDIO, (0, 0, 0), (16, 128, 128)),
        (Matrix.BT601, Range.STUDIO, (255, 0, 0), (81, 90, 240)),
        (Matrix.BT601, Range.STUDIO, (0, 255, 0), (145, 54, 34)),
        (Matrix.BT601, Range.STUDIO, (0, 0, 255), (41, 240, 110)),
        (Matrix.BT709, Range.STUDIO, (255, 255, 255), (235, 128, 128)),
        (Matrix.BT709, Range.STUDIO, (255, 0, 0), (63, 102, 240)),
        (Matrix.BT709, Range.STUDIO, (0, 255, 0), (173, 42, 26)),
        (Matrix.BT709, Range.STUDIO, (0, 0, 255), (32, 240, 118)),
        (Matrix.BT2020, Range.STUDIO, (255, 0, 0), (74, 97, 240)),
        # JPEG (JFIF 1.02).
        (Matrix.BT601, Range.FULL, (255, 255, 255), (255, 128, 128)),
        (Matrix.BT601, Range.FULL, (255, 0, 0), (76, 85, 255)),
        (Matrix.BT601, Range.FULL, (0, 255, 0), (150, 44, 21)),
        (Matrix.BT601, Range.FULL, (0, 0, 255), (29, 255, 107)),
    ],
    ids=str,
)
def test_the_standards_numbers(matrix: Matrix, swing: Range, rgb: Any, expected: Any) -> None:
    assert codes_of(pixel(*rgb), matrix, swing) == expected


@pytest.mark.parametrize(
    ("swing", "bits", "expected"),
    [
        (Range.STUDIO, 10, (940, 512, 512)),
        (Range.FULL, 10, (1023, 512, 512)),
        (Range.STUDIO, 16, (60160, 32768, 32768)),
        (Range.FULL, 16, (65535, 32768, 32768)),
    ],
    ids=str,
)
def test_white_of_deeper_codes(swing: Range, bits: int, expected: Any) -> None:
    assert codes_of(pixel(255, 255, 255), Matrix.BT709, swing, bits) == expected


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("swing", RANGES)
@pytest.mark.parametrize("matrix", MATRICES)
def test_the_definition(matrix: Matrix, swing: Range, dtype: str) -> None:
    rgb = noise(dtype)
    unit = rgb / {"uint8": 255, "uint16": 65535, "float32": 1}[dtype]
    luma = unit @ matrix.weights
    blue = (unit[..., 2] - luma) / (2 * (1 - matrix.blue))
    red = (unit[..., 0] - luma) / (2 * (1 - matrix.red))
    y, cb, cr = rgb_to_ycbcr(rgb, matrix, swing)
    assert 255 * y == pytest.approx(swing.black + swing.luma_span * luma, abs=1e-3)
    assert 255 * cb == pytest.approx(128 + swing.chroma_span * blue, abs=1e-3)
    assert 255 * cr == pytest.approx(128 + swing.chroma_span * red, abs=1e-3)


@given(value=st.integers(0, 65535), matrix=st.sampled_from(MATRICES), swing=st.sampled_from(RANGES))
def test_gray_has_its_chroma_in_the_middle(value: int, matrix: Matrix, swing: Range) -> None:
    _, cb, cr = rgb_to_ycbcr(np.full((1, 1, 3), value, np.uint16), matrix, swing)
    assert [float(cb[0, 0]), float(cr[0, 0])] == pytest.approx([colour.MIDDLE] * 2, abs=1e-6)


@given(
    rgb=st.tuples(*[st.integers(0, 65535)] * 3),
    dtype=st.sampled_from(["uint8", "uint16"]),
    matrix=st.sampled_from(MATRICES),
    swing=st.sampled_from(RANGES),
)
def test_integers_come_back_exactly(rgb: Any, dtype: str, matrix: Matrix, swing: Range) -> None:
    image = np.array([[rgb]], np.uint16).astype(dtype)
    out = np.zeros_like(image)
    ycbcr_to_rgb(*rgb_to_ycbcr(image, matrix, swing), matrix, swing, out)
    assert out.tolist() == image.tolist()


def test_floats_come_back() -> None:
    rgb = noise("float32")
    planes = rgb_to_ycbcr(rgb, Matrix.BT2020, Range.STUDIO)
    back = ycbcr_to_rgb(*planes, Matrix.BT2020, Range.STUDIO)
    assert back.dtype == np.float32
    assert back == pytest.approx(rgb, abs=1e-6)


def test_colours_that_rgb_lacks_are_clipped() -> None:
    y, cb, cr = (np.full((1, 1), value, np.float32) for value in (1.0, 1.0, 1.0))
    out = np.zeros((1, 1, 3), np.uint8)
    assert ycbcr_to_rgb(y, cb, cr, Matrix.BT709, Range.STUDIO, out).tolist() == [[[255, 184, 255]]]
    assert ycbcr_to_rgb(0 * y, cb, cr, Matrix.BT709, Range.STUDIO, out)[0, 0, 1] == 0


def test_the_result_can_be_a_part_of_a_picture() -> None:
    rgb, out = noise("uint8"), np.zeros((9, 14, 3), np.uint8)
    planes = rgb_to_ycbcr(rgb, Matrix.BT601, Range.FULL)
    ycbcr_to_rgb(*planes, Matrix.BT601, Range.FULL, out[:, 7:])
    assert np.array_equal(out[:, 7:], rgb)
    assert not out[:, :7].any()


def test_bands_leave_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    rgb = noise("uint8")[::2, ::-1]
    whole = rgb_to_ycbcr(rgb, Matrix.BT709, Range.STUDIO)
    back = ycbcr_to_rgb(*whole, Matrix.BT709, Range.STUDIO)
    monkeypatch.setattr(colour, "_BAND_PIXELS", 14)
    assert np.array_equal(rgb_to_ycbcr(rgb, Matrix.BT709, Range.STUDIO), whole)
    assert np.array_equal(ycbcr_to_rgb(*whole, Matrix.BT709, Range.STUDIO), back)


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda: rgb_to_ycbcr(noise("uint8")[0], *BT601), id="one-row"),
        pytest.param(lambda: rgb_to_ycbcr(noise("uint8") * 1.0, *BT601), id="float64"),
        pytest.param(
            lambda: ycbcr_to_rgb(*np.zeros((3, 2, 2), np.float32), *BT601, noise("uint8")),
            id="other-size",
        ),
    ],
)
def test_what_makes_no_sense(call: Any) -> None:
    with pytest.raises(ValueError, match=r"expected RGB|do not make"):
        call()
