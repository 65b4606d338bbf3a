"""Pixel-wise refinement (PCSR, section 3.4): light pixels that touch heavy ones are smoothed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.assignment import ClassMap, heavy_classes


def refinement_targets(class_map: ClassMap, classes: int) -> npt.NDArray[np.int64]:
    """Find the light pixels with a heavy one among their 8 neighbours.

    Args:
        class_map: uint8 (H, W).
        classes: M.

    Returns:
        flat indices into (H, W); never one of the outermost row or column.
    """
    height, width = class_map.shape
    if height < 3 or width < 3:
        return np.empty(0, dtype=np.int64)
    heavy = class_map < heavy_classes(classes)
    if heavy.all() or not heavy.any():
        return np.empty(0, dtype=np.int64)
    rows = heavy[:-2] | heavy[1:-1] | heavy[2:]
    touched = rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:]
    touched &= ~heavy[1:-1, 1:-1]
    found = np.flatnonzero(touched)
    return np.asarray(found + (found // (width - 2)) * 2 + (width + 1))


def refined_values(
    canvas: npt.NDArray[np.float32], targets: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """Return the mean of each target's 3x3 neighbourhood, itself included.

    Args:
        canvas: float32 (H, W, C), contiguous, before any refinement.
        targets: flat indices (n,) of `refinement_targets`.

    Returns:
        float32 (n, C).
    """
    width, channels = canvas.shape[1:]
    flat = canvas.reshape(-1, channels)
    total = np.zeros((targets.size, channels), dtype=np.float32)
    for dy in (-width, 0, width):
        for dx in (-1, 0, 1):
            total += flat.take(targets + (dy + dx), axis=0)
    total *= np.float32(1 / 9)
    return total
