"""Luma from a network and chroma by bicubic interpolation, joined to pixels in one pass."""

from __future__ import annotations

import functools
from fractions import Fraction
from typing import Any, List, NamedTuple, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.array_module import array_module
from pcsr_edge.runtime.bicubic import Line, Part, samplings, weighted
from pcsr_edge.runtime.colour import MIDDLE, Matrix, Range
from pcsr_edge.runtime.pixels import LIMITS

Plane = npt.NDArray[np.float32]
Portions = Tuple[Tuple[slice, List[Part]], ...]


class PixelJoin:
    """Makes RGB of the luma of a block and the chroma around it.

    What chroma adds to red and blue is enlarged in place of chroma itself: so the gains are
    applied to few pixels, and no plane of chroma is ever made in full size.

    Args:
        matrix: of the planes.
        swing: of the planes.
        scale: magnification, a whole number.
        margin: cells of chroma around a block, at least the two that the interpolation sees.
    """

    def __init__(self, matrix: Matrix, swing: Range, scale: int, margin: int) -> None:
        self._matrix, self._swing = matrix, swing
        self._scale, self._margin = scale, margin

    def __call__(self, y: Plane, cb: Plane, cr: Plane, out: npt.NDArray[Any]) -> None:
        """Fill `out`; all arrays are NumPy's, or all a device's.

        Args:
            y: float32 (h*scale, w*scale) in 255ths (see `colour`); overwritten.
            cb: float32 (h + 2 margin, w + 2 margin).
            cr: likewise.
            out: RGB (h*scale, w*scale, 3), uint8, uint16 or float32: clipped, and rounded where
                it is whole.
        """
        white = LIMITS[out.dtype.name]
        # Half a step and truncation rounds; floats are not rounded.
        half = 0.0 if white == 1 else 0.5
        gain = 255 * white / self._swing.luma_span
        y *= np.float32(gain)
        y += np.float32(half - gain * self._swing.black / 255)
        enlarging = _enlarging(cb.shape[0], cb.shape[1], self._scale, self._margin)
        wide = self._widened(cb, cr, white, enlarging)
        for place, parts in enlarging.down:
            rows = weighted(wide, 0, parts).reshape(-1, 2, y.shape[1])
            self._write(y[place], rows[:, 0], rows[:, 1], np.float32(white + half), out[place])

    def _widened(self, cb: Plane, cr: Plane, white: int, enlarging: _Enlarging) -> Plane:
        """Return what chroma adds to blue and to red: each row of blue, then of red beside it."""
        xp = array_module(cb)
        chroma = xp.empty((enlarging.seen, 2, cb.shape[1]), np.float32)
        for index, (plane, weight) in enumerate(((cb, self._matrix.blue), (cr, self._matrix.red))):
            gain = 255 * white * (2 - 2 * weight) / self._swing.chroma_span
            xp.subtract(plane[enlarging.rows], np.float32(MIDDLE), out=chroma[:, index])
            chroma[:, index] *= np.float32(gain)
        lines = chroma.reshape(-1, cb.shape[1])[:, enlarging.cols]
        wide: Plane = xp.empty((len(lines), enlarging.width), np.float32)
        for place, parts in enlarging.across:
            wide[:, place] = weighted(lines, 1, parts)
        return wide.reshape(enlarging.seen, -1)

    def _write(
        self, luma: Plane, blue: Plane, red: Plane, limit: np.float32, out: npt.NDArray[Any]
    ) -> None:
        """Join rows; `blue` and `red` are what they are more than luma, and are overwritten."""
        matrix, xp = self._matrix, array_module(luma)
        green = red * np.float32(-matrix.red / matrix.green)
        green += blue * np.float32(-matrix.blue / matrix.green)
        for index, plane in enumerate((red, green, blue)):
            xp.add(plane, luma, out=plane)
            xp.clip(plane, 0, limit, out=plane)
            # Converted first: NumPy does not do both at once with vector instructions.
            out[..., index] = plane.astype(out.dtype, copy=False)


class _Enlarging(NamedTuple):
    """How a block comes from the chroma around it."""

    rows: slice
    """Of the chroma, those that are seen."""
    cols: slice
    seen: int
    """How many rows are seen."""
    width: int
    """Columns of the block in the result."""
    down: Portions
    across: Portions


@functools.lru_cache(maxsize=32)
def _enlarging(height: int, width: int, scale: int, margin: int) -> _Enlarging:
    """Work out what blocks of one size have in common: a picture has two or three sizes."""
    size = height * scale, width * scale
    axes = samplings((height, width), size, (Fraction(scale), Fraction(scale)))
    start = margin * scale
    down, across = (Line(axis, start, n - start) for axis, n in zip(axes, size))
    rows, cols = (slice(line.inputs[0], line.inputs[-1] + 1) for line in (down, across))
    portions = tuple(down.portions), tuple(across.portions)
    return _Enlarging(rows, cols, len(down.inputs), across.count, *portions)
