"""Where a frame stands on the ladders: the scale whose rungs serve it, and its size there."""

from __future__ import annotations

import math
from typing import Tuple

FREE_SCALES = (0.1, 16.0)
"""Least and greatest magnification that bicubic is measured at."""


def place_of(lr: Tuple[int, int], hr: Tuple[int, int]) -> Tuple[float, Tuple[int, int]]:
    """Return the scale whose ladder serves a frame, and the LR size (h, w) that it is there.

    A scale that is not the same whole number along both axes has bicubic alone, whose time goes
    by the pixels of the result: one within `FREE_SCALES` stands for all that are near.
    """
    whole = hr[0] // lr[0]
    if hr == (lr[0] * whole, lr[1] * whole) and whole <= FREE_SCALES[1]:
        return float(whole), lr
    mean = math.sqrt(hr[0] * hr[1] / (lr[0] * lr[1]))
    scale = round(min(max(mean, FREE_SCALES[0]), FREE_SCALES[1]), 1)
    scale += 0.05 if scale.is_integer() else 0.0
    return scale, (math.ceil(hr[0] / scale), math.ceil(hr[1] / scale))
