"""Bicubic interpolation of patches by phase: the subnet that needs no weights."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.resample import cubic

FloatArray = npt.NDArray[np.float32]
REACH = 2
"""LR pixels around a patch that interpolation sees."""


def bicubic_phases(windows: FloatArray, scale: int) -> FloatArray:
    """Interpolate patches, as `resample.bicubic` does for a whole magnification.

    Args:
        windows: (n, 3, h + 4, w + 4), with `REACH` pixels around each patch; beyond the
            picture's edge its pixels repeat.
        scale: magnification.

    Returns:
        (n, 3·scale², h, w), channel c*scale² + phase.
    """
    count, channels, height, width = windows.shape
    height, width = height - 2 * REACH, width - 2 * REACH
    rows, cols = _weights(height, scale), _weights(width, scale)
    pixels = rows @ windows @ cols.T
    split = pixels.reshape(count, channels, scale, height, scale, width)
    phases = split.transpose(0, 1, 2, 4, 3, 5).reshape(count, -1, height, width)
    return np.ascontiguousarray(phases)


@lru_cache(maxsize=64)
def _weights(cells: int, scale: int) -> FloatArray:
    """Return the matrix from a padded axis to its SR pixels, phase by phase."""
    centres = (np.arange(scale) + 0.5) / scale - 0.5
    taps = cubic(centres[:, None] - np.arange(-REACH, REACH + 1))
    taps /= taps.sum(axis=1, keepdims=True)
    matrix = np.zeros((scale, cells, cells + 2 * REACH), dtype=np.float32)
    for tap in range(2 * REACH + 1):
        matrix[:, np.arange(cells), np.arange(cells) + tap] = taps[:, tap, None]
    return matrix.reshape(scale * cells, -1)
