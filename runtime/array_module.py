"""Which library an array belongs to: NumPy, or CuPy, which has NumPy's interface.

What is computed on both is written once, with `xp` as the library: `xp = array_module(values)`.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np


def array_module(array: Any) -> Any:
    """Return `numpy` for arrays in host memory, `cupy` for those of CuPy."""
    if isinstance(array, np.ndarray):
        return np
    return sys.modules[type(array).__module__.partition(".")[0]]


def to_host(array: Any) -> Any:
    """Return an array in host memory; of the device's it waits for a copy."""
    return array if isinstance(array, np.ndarray) else array.get()
