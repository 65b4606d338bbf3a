"""Bicubic interpolation pixel by pixel, as the definition reads."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, Tuple

import numpy as np


def keys(x: float) -> float:
    """Return Keys' kernel, a = -0.5, at distance x."""
    x = abs(x)
    if x <= 1:
        return 1.5 * x**3 - 2.5 * x**2 + 1
    return -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x < 2 else 0.0


def weights_along(n_in: int, n_out: int, scale: Fraction, edge: Fraction = Fraction(1, 2)) -> Any:
    """Return the matrix (n_out, n_in) of one axis; `edge` is the first sample's distance to it."""
    matrix = np.zeros((n_out, n_in))
    # The runtime widens the kernel to 16 times its width at most.
    stretch = max(min(1.0, float(scale)), 1 / 16)
    for place in range(n_out):
        centre = float((place + edge) / scale - edge)
        reach = math.ceil(2 / stretch) + 1
        for index in range(math.floor(centre) - reach, math.floor(centre) + reach + 1):
            weight = keys(stretch * (centre - index))
            matrix[place, min(max(index, 0), n_in - 1)] += weight
    return matrix / matrix.sum(axis=1, keepdims=True)


def resized(image: Any, size: Tuple[int, int]) -> Any:
    """Resample (h, w, C), float64, neither rounded nor clipped."""
    down, across = (weights_along(n, m, Fraction(m, n)) for n, m in zip(image.shape[:2], size))
    return np.einsum("Yy,Xx,yxc->YXc", down, across, image.astype(np.float64))
