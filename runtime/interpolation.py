"""Bicubic interpolation of patches by phase: the subnet that needs no weights."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.array_module import array_module
from pcsr_edge.runtime.resample import cubic

FloatArray = npt.NDArray[np.float32]
REACH = 2
"""LR pixels around a patch that interpolation sees."""


def bicubic_phases(windows: FloatArray, scale: int) -> FloatArray:
    """Interpolate patches, as `resample.bicubic` does for a whole magnification.

    Args:
        windows: of NumPy or of a device, (n, 3, h + 4, w + 4), with `REACH` pixels around each
            patch; beyond the picture's edge its pixels repeat.
        scale: magnification.

    Returns:
        (n, 3·scale², h, w), channel c*scale² + phase.
    """
    xp = array_module(windows)
    count, channels, height, width = windows.shape
    height, width = height - 2 * REACH, width - 2 * REACH
    taps = _taps(scale)
    # Sums of slices, not products of matrices: BLAS would start threads of its own.
    down = xp.empty((count, channels, scale, height, windows.shape[3]), dtype=np.float32)
    for phase, weights in enumerate(taps):
        down[:, :, phase] = sum(
            windows[:, :, tap : tap + height] * w for tap, w in enumerate(weights) if w != 0
        )
    pixels = xp.empty((count, channels, scale, scale, height, width), dtype=np.float32)
    for phase, weights in enumerate(taps):
        pixels[:, :, :, phase] = sum(
            down[..., tap : tap + width] * w for tap, w in enumerate(weights) if w != 0
        )
    phases: FloatArray = pixels.reshape(count, -1, height, width)
    return phases


@lru_cache(maxsize=8)
def _taps(scale: int) -> FloatArray:
    """Return the weights of the cells around a phase's own, (scale, 2·REACH + 1)."""
    centres = (np.arange(scale) + 0.5) / scale - 0.5
    taps = cubic(centres[:, None] - np.arange(-REACH, REACH + 1))
    return np.asarray(taps / taps.sum(axis=1, keepdims=True), dtype=np.float32)
