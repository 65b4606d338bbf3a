"""Joining luma and small chroma is the same as enlarging chroma first."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pcsr_edge.runtime.colour import Matrix, Range, ycbcr_to_rgb
from pcsr_edge.runtime.edge_pixels import PixelJoin
from pcsr_edge.runtime.resample import bicubic

MARGIN = 3


def planes(height: int, width: int, scale: int) -> Any:
    rng = np.random.default_rng(7)
    y = rng.random((height * scale, width * scale), np.float32)
    cb, cr = rng.random((2, height + 2 * MARGIN, width + 2 * MARGIN), np.float32)
    return y, cb, cr


def enlarged(plane: Any, scale: int) -> Any:
    whole = bicubic(plane, (plane.shape[0] * scale, plane.shape[1] * scale), (scale, scale))
    margin = MARGIN * scale
    return whole[margin:-margin, margin:-margin].astype(np.float32)


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("swing", list(Range))
@pytest.mark.parametrize("matrix", list(Matrix))
@pytest.mark.parametrize(
    ("dtype", "step"), [(np.uint8, 1), (np.uint16, 1), (np.float32, 1e-5)], ids=["8", "16", "float"]
)
def test_pixels(matrix: Matrix, swing: Range, scale: int, dtype: Any, step: float) -> None:
    y, cb, cr = planes(5, 9, scale)
    expected = np.empty((*y.shape, 3), dtype)
    ycbcr_to_rgb(y, enlarged(cb, scale), enlarged(cr, scale), matrix, swing, out=expected)
    got = np.empty_like(expected)
    PixelJoin(matrix, swing, scale, MARGIN)(y.copy(), cb, cr, got)
    difference = np.abs(got.astype(np.float64) - expected)
    assert difference.max() <= step
    assert (difference > step / 2).mean() < 0.01
