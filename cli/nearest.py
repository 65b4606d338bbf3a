"""The input's own pixels, enlarged."""

from __future__ import annotations

from typing import Tuple

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]


def nearest(lr: Pixels, size: Tuple[int, int]) -> Pixels:
    """Repeat the pixels of uint8 (h, w, 3) so that it becomes (H, W) = `size`."""
    rows = np.arange(size[0]) * lr.shape[0] // size[0]
    columns = np.arange(size[1]) * lr.shape[1] // size[1]
    enlarged: Pixels = lr[rows[:, None], columns[None, :]]
    return enlarged
