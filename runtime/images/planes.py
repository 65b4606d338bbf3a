"""Planes of a picture: orientation, hidden colours, alpha and bit depth."""

from __future__ import annotations

from typing import Any, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.resample import bicubic

Pixels = npt.NDArray[Any]
"""uint8 or uint16, of the full range of its dtype."""

_COLUMNS_AT_ONCE = 256
_ROWS_AT_ONCE = 256


def orient(pixels: Pixels, orientation: int) -> Pixels:
    """Turn (h, w, …) as the EXIF orientation 1…8 asks; the result may be a view."""
    # Then, as with the others, one or both axes run backwards.
    if swaps_axes(orientation):
        pixels = pixels.swapaxes(0, 1)
    down = -1 if orientation in (3, 4, 7, 8) else 1
    right = -1 if orientation in (2, 3, 6, 7) else 1
    return pixels[::down, ::right]


def swaps_axes(orientation: int) -> bool:
    """Return whether the EXIF orientation makes columns of rows."""
    return orientation in (5, 6, 7, 8)


def fill_hidden(rgb: Pixels, alpha: Pixels) -> Pixels:
    """Give every fully transparent pixel the colour of its nearest visible one.

    Editors leave any colour, mostly black, where alpha is 0. Upscaled, it would bleed into the
    visible edge as a dark halo. The visible pixels are not touched, so nothing loses precision
    as it does by premultiplying. Nearest is meant in steps along rows and columns.

    Args:
        rgb: (h, w, 3).
        alpha: (h, w), same dtype.

    Returns:
        (h, w, 3); `rgb` itself where nothing is hidden or nothing visible.
    """
    visible = alpha > 0
    if visible.all() or not visible.any():
        return rgb
    rows, columns = _nearest(visible)
    hidden = ~visible
    filled = rgb.copy()
    filled[hidden] = rgb[rows[hidden], columns[hidden]]
    return filled


def _nearest(visible: npt.NDArray[np.bool_]) -> Tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return row and column of the nearest true cell of each cell, exact in the L1 distance."""
    height, width = visible.shape
    far = 2 * (height + width)
    column = np.arange(width, dtype=np.int32)
    left = np.maximum.accumulate(np.where(visible, column, -far), axis=1)
    right = np.minimum.accumulate(np.where(visible, column, far)[:, ::-1], axis=1)[:, ::-1]
    columns = np.where(column - left <= right - column, left, right).astype(np.int32)
    distance = np.abs(columns - column)
    rows = np.repeat(np.arange(height, dtype=np.int32)[:, None], width, axis=1)
    downward = zip(range(1, height), range(height))
    upward = zip(range(height - 2, -1, -1), range(height - 1, 0, -1))
    for sweep in (downward, upward):
        for here, before in sweep:
            closer = distance[before] + 1 < distance[here]
            distance[here][closer] = distance[before][closer] + 1
            columns[here][closer] = columns[before][closer]
            rows[here][closer] = rows[before][closer]
    return rows, columns


def resize_plane(plane: Pixels, size: Tuple[int, int]) -> Pixels:
    """Resample one plane, such as alpha, by the bicubic of `resample`.

    Args:
        plane: uint8 or uint16 (h, w).
        size: (H, W) of the result.

    Returns:
        (H, W) of the same dtype, rounded and clipped to its range.
    """
    height, width = size
    if plane.size and (plane == plane[0, 0]).all():
        return np.full(size, plane[0, 0])
    top = int(np.iinfo(plane.dtype).max)
    wide = bicubic(plane, (plane.shape[0], width), (1.0, width / plane.shape[1]))
    out = np.empty(size, dtype=plane.dtype)
    # In blocks of columns: the whole plane in double precision would take 8 bytes per pixel.
    for first in range(0, width, _COLUMNS_AT_ONCE):
        block = wide[:, first : first + _COLUMNS_AT_ONCE]
        scale = (height / plane.shape[0], 1.0)
        tall = bicubic(block, (height, block.shape[1]), scale)
        out[:, first : first + _COLUMNS_AT_ONCE] = np.clip(np.floor(tall + 0.5), 0, top)
    return out


def mean_plane(rgb: Pixels, dtype: Any) -> Pixels:
    """Return the mean of three channels, rounded once.

    Args:
        rgb: (h, w, 3) in `dtype`, or float32 in [0, 1].
        dtype: uint8 or uint16.

    Returns:
        (h, w) of `dtype`.
    """
    step = 1.0 if rgb.dtype == dtype else float(np.iinfo(dtype).max)
    out = np.empty(rgb.shape[:2], dtype)
    # In blocks of rows: the whole plane in double precision would take 8 bytes per pixel.
    for first in range(0, len(out), _ROWS_AT_ONCE):
        block = rgb[first : first + _ROWS_AT_ONCE]
        total = block.sum(axis=2, dtype=np.float64)
        out[first : first + _ROWS_AT_ONCE] = np.floor(total * (step / 3) + 0.5)
    return out


def to_unit(pixels: Pixels) -> Pixels:
    """Return uint8 or uint16 as float32 in [0, 1]."""
    # As the upscaler does it, bit for bit.
    return pixels.astype(np.float32) * np.float32(1 / np.iinfo(pixels.dtype).max)


def to_8_bit(pixels: Pixels) -> Pixels:
    """Round uint16 in 0…65535 to the nearest uint8 in 0…255; uint8 is returned as it is."""
    if pixels.dtype == np.uint8:
        return pixels
    return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
