"""The picture that costs are measured on, drawn by code."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

PATCH = 16
"""Side of a patch in LR pixels."""
WEAK, STRONG = 60, 125
"""Contrast of two patches of three, and of the third, in 8-bit steps from gray."""


def probe_picture(height: int, width: int) -> npt.NDArray[np.uint8]:
    """Draw uint8 (height, width, 3): patches of stripes, edges, noise and slopes.

    A model with classes finds more to do in it than in nine of ten photographs
    (docs/decisions.md), so that what it takes errs on the side of too long.
    """
    y, x = np.mgrid[:height, :width].astype(np.float32)
    row, column = y // PATCH, x // PATCH
    angle = 0.7 * row + 1.1 * column
    along = np.cos(angle) * x + np.sin(angle) * y
    stripes, slopes = np.sin(0.9 * along), np.sin(0.04 * along)
    edges = np.clip(2 * np.sin(0.35 * along), -1, 1)
    noise = np.random.default_rng(0).uniform(-0.3, 0.3, (height, width))
    kind = ((row + column) % 4).astype(np.int64)
    contrast = np.where((row // 2 + column) % 3 == 0, STRONG, WEAK)
    gray = contrast * np.choose(kind, [stripes, edges, noise, slopes])
    tint = np.array([1.0, 0.9, 0.8])
    picture: npt.NDArray[np.uint8] = np.clip(128 + gray[..., None] * tint, 0, 255).astype(np.uint8)
    return picture
