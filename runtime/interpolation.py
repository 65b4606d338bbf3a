"""Bicubic interpolation of patches by phase: the subnet that needs no weights."""

from __future__ import annotations

from functools import lru_cache
from typing import List, Tuple

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
    taps = _taps(scale)
    phases = np.empty((count, channels, scale, scale, height, width), dtype=np.float32)
    # Sums of shifted patches: small matrix products keep the threads of a BLAS waiting.
    for down, row_taps in enumerate(taps):
        rows = _summed([windows[:, :, t : t + height] * weight for t, weight in row_taps])
        for across, col_taps in enumerate(taps):
            parts = [rows[..., t : t + width] * weight for t, weight in col_taps]
            phases[:, :, down, across] = _summed(parts)
    return phases.reshape(count, -1, height, width)


def _summed(parts: List[FloatArray]) -> FloatArray:
    total = parts[0]
    for part in parts[1:]:
        total += part
    return total


@lru_cache(maxsize=8)
def _taps(scale: int) -> Tuple[Tuple[Tuple[int, np.float32], ...], ...]:
    """Return for each phase of an axis the padded axis's offsets and their weights."""
    centres = (np.arange(scale) + 0.5) / scale - 0.5
    weights = cubic(centres[:, None] - np.arange(-REACH, REACH + 1))
    weights /= weights.sum(axis=1, keepdims=True)
    return tuple(
        tuple((offset, np.float32(weight)) for offset, weight in enumerate(row) if weight != 0)
        for row in weights
    )
