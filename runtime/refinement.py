"""Pixel-wise refinement (PCSR, section 3.4): light pixels that touch heavy ones are smoothed.

Canvas and class map may be arrays of NumPy or of a device (`array_module`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.array_module import array_module
from pcsr_edge.runtime.assignment import ClassMap, heavy_classes


def refinement_targets(class_map: ClassMap, classes: int) -> npt.NDArray[np.bool_]:
    """Find the light pixels with a heavy one among their 8 neighbours.

    Args:
        class_map: uint8 (H, W), at least 3 x 3.
        classes: M.

    Returns:
        bool (H-2, W-2): the outermost row and column are never refined.
    """
    heavy = class_map < heavy_classes(classes)
    rows = heavy[:-2] | heavy[1:-1]
    rows |= heavy[2:]
    touched: npt.NDArray[np.bool_] = rows[:, :-2] | rows[:, 1:-1]
    touched |= rows[:, 2:]
    touched &= ~heavy[1:-1, 1:-1]
    return touched


def refine(
    canvas: npt.NDArray[np.float32], class_map: ClassMap, classes: int
) -> npt.NDArray[np.float32]:
    """Return a copy in which each target is the mean of its 3x3 neighbourhood, itself included.

    Args:
        canvas: float32 (H, W, C), before any refinement.
        class_map: uint8 (H, W).
        classes: M.
    """
    out = canvas.copy()
    if min(class_map.shape) < 3:
        return out
    targets = refinement_targets(class_map, classes)
    xp = array_module(canvas)
    # A device must not be waited for: there all means are taken in any case.
    if xp is np and not targets.any():
        return out
    # All means, though few are used: a sum over slices is cheaper than gathering.
    rows = canvas[:-2] + canvas[1:-1]
    rows += canvas[2:]
    means = rows[:, :-2] + rows[:, 1:-1]
    means += rows[:, 2:]
    means *= np.float32(1 / 9)
    if xp is np:
        pixel = np.dtype((np.void, canvas.shape[2] * canvas.itemsize))
        np.copyto(out.view(pixel)[1:-1, 1:-1, 0], means.view(pixel)[..., 0], where=targets)
    else:
        xp.copyto(out[1:-1, 1:-1], means, where=targets[..., None])
    return out
