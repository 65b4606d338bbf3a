"""Bicubic resampling as MATLAB's `imresize` does it: the field's degradation, and a baseline.

Keys kernel with a = -0.5, widened when shrinking (antialias), half-pixel centres, edge pixels
repeated: the `imresize` that made the LR pictures of the standard test sets, which `downscale`
reproduces bit by bit. (Later MATLAB versions mirror the edges.) In double precision; sums run
in a fixed order, so that the result is the same on every machine.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Tuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

_BLOCK_VALUES = 2**15
"""Values summed at a time: 256 KiB, so that a block stays in the cache over all its taps."""


def cubic(x: FloatArray) -> FloatArray:
    """Return Keys' kernel with a = -0.5 at distances `x`."""
    x = np.abs(x)
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x <= 1, near, np.where(x < 2, far, 0.0))


@lru_cache(maxsize=64)
def _taps(n_in: int, n_out: int, scale: float) -> Tuple[npt.NDArray[np.int64], FloatArray]:
    """Return for each output pixel its input indices and weights, both (n_out, taps)."""
    stretch = min(scale, 1.0)
    width = 4.0 / stretch
    centre = (np.arange(n_out) + 0.5) / scale - 0.5
    first = np.floor(centre - width / 2).astype(np.int64)
    indices = first[:, None] + np.arange(int(np.ceil(width)) + 2)[None, :]
    weights = stretch * cubic(stretch * (centre[:, None] - indices))
    weights /= weights.sum(axis=1, keepdims=True)
    used = np.any(weights != 0, axis=0)
    return np.clip(indices, 0, n_in - 1)[:, used], weights[:, used]


def _resample_rows(image: npt.NDArray[Any], n_out: int, scale: float) -> FloatArray:
    """Resample the first axis of (n_in, ...): float64 (n_out, ...)."""
    indices, weights = _taps(image.shape[0], n_out, scale)
    source = np.ascontiguousarray(image, dtype=np.float64).reshape(image.shape[0], -1)
    out = np.empty((n_out, source.shape[1]))
    block = max(1, _BLOCK_VALUES // source.shape[1])
    term = np.empty((block, source.shape[1]))
    for start in range(0, n_out, block):
        total = out[start : start + block]
        here, weight = indices[start : start + block], weights[start : start + block, :, None]
        np.multiply(source[here[:, 0]], weight[:, 0], out=total)
        for tap in range(1, indices.shape[1]):
            total += np.multiply(source[here[:, tap]], weight[:, tap], out=term[: len(total)])
    return out.reshape(n_out, *image.shape[1:])


def _resample_columns(image: npt.NDArray[Any], n_out: int, scale: float) -> FloatArray:
    # Over a transposed copy: adding columns of three values each would be several times slower.
    return np.swapaxes(_resample_rows(np.swapaxes(image, 0, 1), n_out, scale), 0, 1)


def _check(shape: Tuple[int, ...], size: Tuple[int, int], scale: Tuple[float, float]) -> None:
    if len(shape) not in (2, 3) or min(shape) < 1:
        raise ValueError(f"expected an image of shape (h, w) or (h, w, C), got {shape}")
    if min(size) < 1 or not all(0 < s < np.inf for s in scale):
        raise ValueError(f"an image cannot be resampled to {size} pixels by {scale}")


def bicubic(image: npt.ArrayLike, size: Tuple[int, int], scale: Tuple[float, float]) -> FloatArray:
    """Resample `image` to `size`.

    Args:
        image: (h, w) or (h, w, C), any real dtype and value range.
        size: (H, W) of the result.
        scale: (vertical, horizontal) magnification; MATLAB uses the one asked for, not
            the ratio of the sizes, which differ where a size was rounded.

    Returns:
        float64 (H, W) or (H, W, C) in the input's value range, which it may overshoot; not
        rounded (see `to_uint8`). Columns, not rows, lie together in memory.

    Raises:
        ValueError: the image is empty or of another rank; a size or scale is not positive.
    """
    array = np.asarray(image)
    _check(array.shape, size, scale)
    return _resample_columns(_resample_rows(array, size[0], scale[0]), size[1], scale[1])


def to_uint8(values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Round values in 0…255 to 8 bit as MATLAB does (halves up) and clip; C-contiguous."""
    rounded = np.floor(values + 0.5)
    return np.ascontiguousarray(np.clip(rounded, 0, 255, out=rounded).astype(np.uint8))


def downscale(image: npt.NDArray[np.uint8], scale: int) -> npt.NDArray[np.uint8]:
    """Degrade an HR image to LR as the field does: bicubic by 1/scale, in 8 bit.

    MATLAB shrinks the rows first and rounds them to 8 bit before it shrinks the columns.

    Args:
        image: uint8 (H, W) or (H, W, C); H and W are multiples of `scale` (see `crop_to_multiple`).
        scale: how many times smaller LR is.

    Returns:
        uint8 (H/scale, W/scale) or (H/scale, W/scale, C).

    Raises:
        ValueError: H or W is zero or no multiple of `scale`.
    """
    height, width = image.shape[:2]
    if height % scale or width % scale:
        raise ValueError(f"a {width}x{height} image cannot be degraded by {scale}: crop it first")
    size = (height // scale, width // scale)
    _check(image.shape, size, (1 / scale, 1 / scale))
    rows = to_uint8(_resample_rows(image, size[0], 1 / scale))
    return to_uint8(_resample_columns(rows, size[1], 1 / scale))


def crop_to_multiple(image: npt.NDArray[np.uint8], scale: int) -> npt.NDArray[np.uint8]:
    """Cut rows and columns off the end until both sizes are multiples of `scale`."""
    return image[: image.shape[0] // scale * scale, : image.shape[1] // scale * scale]
