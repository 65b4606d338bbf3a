"""Codes of video: every one comes back, in both ranges and at every depth."""

from __future__ import annotations

import numpy as np
import pytest

from pcsr_edge.runtime.codes import from_codes, to_codes
from pcsr_edge.runtime.colour import Range


@pytest.mark.parametrize("chroma", [False, True])
@pytest.mark.parametrize("swing", tuple(Range))
@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_every_code_comes_back(bits: int, swing: Range, chroma: bool) -> None:
    codes = np.arange(2**bits).astype(np.uint8 if bits == 8 else np.uint16)[None]
    plane = from_codes(codes, bits, swing, chroma=chroma)
    assert plane.dtype == np.float32
    assert np.array_equal(to_codes(plane, bits, swing, chroma=chroma), codes)


@pytest.mark.parametrize("swing", tuple(Range))
@pytest.mark.parametrize("bits", [8, 10, 16])
def test_gray_has_its_chroma_in_the_middle(bits: int, swing: Range) -> None:
    gray = np.full((1, 1), 128 / 255, np.float32)
    assert to_codes(gray, bits, swing, chroma=True).tolist() == [[2 ** (bits - 1)]]


@pytest.mark.parametrize("bits", [10, 16])
def test_studio_codes_of_any_depth_mean_the_same(bits: int) -> None:
    deep = np.array([[16, 128, 235]], np.uint16) << (bits - 8)
    plane = from_codes(deep, bits, Range.STUDIO, chroma=False)
    assert plane.tolist() == [pytest.approx([16 / 255, 128 / 255, 235 / 255])]


@pytest.mark.parametrize("chroma", [False, True])
def test_codes_are_clipped(chroma: bool) -> None:
    plane = np.array([[-0.2, 1.2]], np.float32)
    assert to_codes(plane, 10, Range.FULL, chroma=chroma).tolist() == [[0, 1023]]


def test_the_dtype_fits_the_depth() -> None:
    with pytest.raises(ValueError, match="codes of 10 bit come in uint16, got uint8"):
        from_codes(np.zeros((2, 2), np.uint8), 10, Range.FULL, chroma=True)


@pytest.mark.parametrize("bits", [7, 17])
def test_other_depths_are_refused(bits: int) -> None:
    with pytest.raises(ValueError, match=f"codes of {bits} bit are not known"):
        to_codes(np.zeros((2, 2), np.float32), bits, Range.FULL, chroma=True)
