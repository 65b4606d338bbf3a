"""Bilinear upsampling of a part of an image: what the upsamplers' residuals are added to."""

from __future__ import annotations

from typing import Any, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.geometry import Axis, FloatArray, IntArray, Span

Neighbours = Tuple[IntArray, IntArray, FloatArray]


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
    down = neighbours(axes[0], rows, origin[0])
    across = neighbours(axes[1], cols, origin[1])
    upsampled: FloatArray = mix(image, down, across)
    return upsampled


def neighbours(axis: Axis, queries: Span, origin: int) -> Neighbours:
    """Return lower and upper neighbour of queries, from the cell `origin` on, and its weight."""
    low, high, weight = axis.bilinear(queries.start, queries.stop)
    return low - origin, high - origin, weight


def mix(image: Any, down: Neighbours, across: Neighbours) -> Any:
    """Interpolate (h, w, C) between neighbours along both axes; arrays of NumPy or of a device."""
    low, high, weight = down
    above, below = image[low], image[high]
    mixed = above + (below - above) * weight[:, None, None]
    low, high, weight = across
    left = mixed.take(low, axis=1)
    right = mixed.take(high, axis=1)
    right -= left
    right *= weight[:, None]
    left += right
    return left
