"""Bilinear upsampling of a part of an image: what the upsamplers' residuals are added to."""

from __future__ import annotations

from typing import Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.geometry import Axis, FloatArray, Span


def bilinear_rows(
    image: npt.NDArray[np.float32],
    origin: Tuple[int, int],
    axes: Tuple[Axis, Axis],
    rows: Span,
    cols: Span,
) -> FloatArray:
    """Upsample the queries rows x cols of the SR grid.

    Half-pixel centres, edge pixels repeated (as `align_corners=False`).

    Args:
        image: float32 (h', w', C), a window of the LR image.
        origin: (y, x) of the window's first pixel in the LR image.
        axes: vertical and horizontal axis of the whole frame.
        rows: range of SR rows; their neighbours must lie in the window.
        cols: range of SR columns, likewise.

    Returns:
        float32 (len(rows), len(cols), C).
    """
    low, high, weight = axes[0].bilinear(rows.start, rows.stop)
    above, below = image[low - origin[0]], image[high - origin[0]]
    mixed = above + (below - above) * weight[:, None, None]
    low, high, weight = axes[1].bilinear(cols.start, cols.stop)
    left = mixed.take(low - origin[1], axis=1)
    right = mixed.take(high - origin[1], axis=1)
    right -= left
    right *= weight[:, None]
    left += right
    return left
