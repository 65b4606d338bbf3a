"""Pixel formats: from what users hold to float32 in [0, 1], and back."""

from __future__ import annotations

import math
from typing import Any, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.array_module import array_module

LIMITS = {"uint8": 255, "uint16": 65535, "float32": 1}
"""Accepted dtypes and the value that means white."""
OVERSHOOT = 0.5
"""Floats may leave [0, 1] by so much: a resampled picture does, one in 0…255 is a mistake."""
PIXEL = np.dtype((np.void, 12))
"""Three float32 as one item, which NumPy moves several times as fast."""


def check_image(image: Any) -> None:
    """Make sure that `image` is RGB (h, w, 3) of an accepted dtype, finite, and not empty.

    Raises:
        UsageError: it is not.
    """
    if not isinstance(image, np.ndarray):
        raise UsageError(f"the image is a {type(image).__name__}, expected a NumPy array (h, w, 3)")
    if image.ndim != 3 or image.shape[2] != 3:
        raise UsageError(f"the image has shape {image.shape}, expected (h, w, 3), RGB")
    if image.shape[0] < 1 or image.shape[1] < 1:
        raise UsageError(f"the image has shape {image.shape}: it holds no pixel")
    if image.dtype.name not in LIMITS:
        raise UsageError(
            f"the image has dtype {image.dtype}, expected uint8, uint16, or float32 in [0, 1]"
        )
    if image.dtype == np.float32:
        _check_floats(image)


def _check_floats(image: npt.NDArray[np.float32]) -> None:
    low, high = float(image.min()), float(image.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise UsageError("the image holds values that are not finite numbers")
    if low < -OVERSHOOT or high > 1 + OVERSHOOT:
        raise UsageError(
            f"the float32 image lies in {low:.3g}…{high:.3g}, expected 0…1; "
            "divide by its white value, or pass integers"
        )


def is_flat(image: npt.NDArray[Any]) -> bool:
    """Tell whether every pixel of `image` (h, w, 3) has the same colour."""
    first = image[0]
    # Row by row: most pictures are known from the first one, and no copy is made.
    return bool((first == first[0]).all()) and all(np.array_equal(row, first) for row in image)


def to_planes(image: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Turn a window (h, w, 3) into what graphs take: float32 (1, 3, h, w) in [0, 1]."""
    planes = np.ascontiguousarray(image.transpose(2, 0, 1), dtype=np.float32)
    white = LIMITS[image.dtype.name]
    if white != 1:
        planes *= np.float32(1 / white)
    return planes[None]


def from_unit(block: npt.NDArray[np.float32], out: npt.NDArray[Any]) -> None:
    """Write float32 values in about [0, 1] to `out` in its dtype: clipped, rounded.

    `block` is overwritten. Both may be arrays of NumPy or of a device (`array_module`).
    """
    xp, white = array_module(block), LIMITS[out.dtype.name]
    if white == 1:
        xp.clip(block, 0, 1, out=out)
        return
    block *= np.float32(white)
    # Half a step and truncation rounds; the clip keeps white from becoming 256.
    block += np.float32(0.5)
    xp.clip(block, 0, np.float32(white) + np.float32(0.5), out=block)
    xp.copyto(out, block, casting="unsafe")


def window(
    image: npt.NDArray[Any], rows: slice, cols: slice
) -> Tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Cut a window: as planes (1, 3, h, w) and as pixels (h, w, 3), both float32 in [0, 1]."""
    planes = to_planes(image[rows, cols])
    return planes, np.ascontiguousarray(planes[0].transpose(1, 2, 0))
