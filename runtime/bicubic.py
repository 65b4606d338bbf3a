"""Bicubic interpolation of pictures and planes in NumPy alone: the last rung of the ladder.

Keys' kernel with a = -0.5, edge samples repeated. In float32, in a fixed order, so that neither
blocks nor threads change the result. `resample.py` is the same in double precision, for measuring.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any, Iterable, Iterator, List, Optional, Tuple, Union

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.array_module import array_module
from pcsr_edge.runtime.buffers import FRESH, Allocator
from pcsr_edge.runtime.geometry import Span
from pcsr_edge.runtime.pixels import LIMITS
from pcsr_edge.runtime.sampling import Sampling, Siting, Taps

Plane = npt.NDArray[np.float32]
Places = Union[slice, npt.NDArray[np.int64]]
Part = Tuple[Places, npt.NDArray[np.float32]]
"""Which samples of an axis, and their weights."""

BLOCK_COLUMNS = 2048
BLOCK_VALUES = 2**17
"""Samples summed at a time, so that a block stays in the cache over all its taps."""


def resize(
    image: npt.NDArray[Any],
    size: Tuple[int, int],
    *,
    scale: Optional[Tuple[Fraction, Fraction]] = None,
    siting: Siting = Siting.CENTRE,
    white: Optional[int] = None,
    memory: Allocator = FRESH,
) -> npt.NDArray[Any]:
    """Resample a picture or plane; for planes of video see `Siting`.

    Args:
        image: (h, w) or (h, w, C), uint8, uint16, or float32 in [0, 1].
        size: (H, W) of the result.
        scale: (vertical, horizontal) magnification, by default the ratio of the sizes. Chroma of
            odd luma sizes needs it: there the sizes are rounded up.
        siting: where the samples lie, in the result as well.
        white: largest value of the result, by default that of the dtype: 1023 for 10 bit.
        memory: makes the result.

    Returns:
        (H, W) or (H, W, C) in the dtype of `image`: rounded if that is whole, and clipped.

    Raises:
        ValueError: the image is empty, or of another rank or dtype; a size or scale is not
            positive.
    """
    _check(image, size, scale)
    axes = samplings((image.shape[0], image.shape[1]), size, scale, siting)
    out = memory.empty((*size, *image.shape[2:]), image.dtype)
    fill(image, axes, Span(0, size[0]), Span(0, size[1]), out, white)
    return out


def _check(
    image: npt.NDArray[Any], size: Tuple[int, int], scale: Optional[Tuple[Fraction, Fraction]]
) -> None:
    if image.ndim not in (2, 3) or min(image.shape) < 1 or image.dtype.name not in LIMITS:
        raise ValueError(
            "expected (h, w) or (h, w, C) in uint8, uint16 or float32, "
            f"got {image.shape} in {image.dtype}"
        )
    if min(size) < 1 or min(scale or (1,)) <= 0:
        raise ValueError(f"an image cannot be resampled to {size} pixels by {scale}")


def samplings(
    lr: Tuple[int, int],
    hr: Tuple[int, int],
    scale: Optional[Tuple[Fraction, Fraction]] = None,
    siting: Siting = Siting.CENTRE,
) -> Tuple[Sampling, Sampling]:
    """Return the vertical and horizontal axis between two sizes, see `resize`."""
    down, across = scale or (Fraction(hr[0], lr[0]), Fraction(hr[1], lr[1]))
    vertical, horizontal = siting.quarters
    return Sampling(lr[0], hr[0], down, vertical), Sampling(lr[1], hr[1], across, horizontal)


def fill(
    image: npt.NDArray[Any],
    axes: Tuple[Sampling, Sampling],
    rows: Span,
    cols: Span,
    out: npt.NDArray[Any],
    white: Optional[int] = None,
) -> None:
    """Compute a part of the result; several threads may do so at once.

    Args:
        image: (h, w) or (h, w, C), see `resize`.
        axes: vertical and horizontal axis.
        rows: of the result.
        cols: of the result.
        out: (len(rows), len(cols)) or with C, to be filled.
        white: largest value, by default that of the dtype.
    """
    whole, part = (a[..., None] if a.ndim == 2 else a for a in (image, out))
    limit = LIMITS[image.dtype.name] if white is None else white
    width = _share(axes[1], BLOCK_COLUMNS)
    height = _share(axes[0], BLOCK_VALUES // (min(width, len(cols)) * whole.shape[2]))
    # Phase by phase, the rows of a block are summed in `period` portions.
    height *= max(1, axes[0].period)
    for left in range(0, len(cols), width):
        start = cols.start + left
        across = line(axes[1], start, min(start + width, cols.stop))
        for top in range(0, len(rows), height):
            start = rows.start + top
            down = line(axes[0], start, min(start + height, rows.stop))
            _block(whole, down, across, part[top : top + height, left : left + width], limit)


def _share(axis: Sampling, count: int) -> int:
    """Return how many outputs have about `count` inputs or fewer."""
    return max(1, int(count * min(1.0, float(axis.scale))))


class Line:
    """Some outputs of an axis, and how they are added up."""

    def __init__(self, axis: Sampling, start: int, stop: int) -> None:
        taps = axis.taps(start, stop)
        self.count = stop - start
        used = taps.indices
        self.inputs = np.clip(np.arange(used[0, 0], used[-1, -1] + 1), 0, axis.n_in - 1)
        """Which inputs are needed, edges repeated."""
        self.step = axis.advance if axis.period else 1
        """Inputs from one output of a portion to the next."""
        self.portions = list(self._portions(axis, taps))
        """Which outputs are made at a time, and the places in `inputs` they are made of."""

    def _portions(self, axis: Sampling, taps: Taps) -> Iterator[Tuple[slice, List[Part]]]:
        places = taps.indices - taps.indices[0, 0]
        weights, period, step = taps.weights, axis.period, axis.advance
        if not period:
            yield slice(None), [(places[:, t], weights[:, t]) for t in range(places.shape[1])]
        for phase in range(min(period, self.count)):
            span = (len(range(phase, self.count, period)) - 1) * step + 1
            parts: List[Part] = [
                (slice(place, place + span, step), weight)
                for place, weight in zip(places[phase], weights[phase])
                # Keys' kernel is 0 at whole distances of its own: some are, where samples of
                # both fall together.
                if weight
            ]
            yield slice(phase, None, period), parts


@lru_cache(maxsize=32)
def line(axis: Sampling, start: int, stop: int) -> Line:
    """Return outputs start…stop-1 of an axis: frames of video ask for the same ones every time."""
    return Line(axis, start, stop)


def _block(
    image: npt.NDArray[Any], down: Line, across: Line, out: npt.NDArray[Any], white: int
) -> None:
    source = _window(image, down.inputs, across.inputs)
    # Weights add up to 1: half a step here is half a step there, where truncation then rounds.
    half = np.float32(0 if white == 1 else 0.5)
    source += half
    wide = np.empty((source.shape[1], across.count, len(source)), np.float32)
    for channel, plane in enumerate(source):
        apart = _Apart(plane, across.step)
        for place, parts in across.portions:
            wide[:, place, channel] = added_up((apart.columns(where), w) for where, w in parts)
    lines = wide.reshape(len(wide), -1)
    for place, parts in down.portions:
        total = weighted(lines, 0, parts)
        np.clip(total, 0, white + half, out=total)
        np.copyto(out[place], total.reshape(len(total), *out.shape[1:]), casting="unsafe")


def _window(
    image: npt.NDArray[Any], rows: npt.NDArray[np.int64], cols: npt.NDArray[np.int64]
) -> Plane:
    """Cut out what a block needs: float32 (C, rows, columns), contiguous."""
    inner = image[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1].transpose(2, 0, 1)
    (top, bottom), (left, right) = _inner(rows), _inner(cols)
    out = np.empty((len(inner), len(rows), len(cols)), np.float32)
    out[:, top:bottom, left:right] = inner
    out[:, top:bottom, :left] = out[:, top:bottom, left : left + 1]
    out[:, top:bottom, right:] = out[:, top:bottom, right - 1 : right]
    out[:, :top] = out[:, top : top + 1]
    out[:, bottom:] = out[:, bottom - 1 : bottom]
    return out


def _inner(inputs: npt.NDArray[np.int64]) -> Tuple[int, int]:
    """Return where rising inputs are that are not repeated before or after."""
    first = int(np.searchsorted(inputs, inputs[0], side="right")) - 1
    return first, first + int(inputs[-1] - inputs[0]) + 1


class _Apart:
    """The columns of a plane by their remainder: of every second one, the others are not read."""

    def __init__(self, plane: Plane, step: int) -> None:
        self._step = step
        self._planes: List[Plane] = [plane[:, first::step] for first in range(step)]
        if step > 1:
            self._planes = [np.ascontiguousarray(part) for part in self._planes]

    def columns(self, where: Places) -> Plane:
        """Return some columns: every `step`th one of a slice, or any."""
        if isinstance(where, slice) and self._step > 1:
            first, rest = divmod(where.start, self._step)
            count = len(range(where.start, where.stop, self._step))
            columns: Plane = self._planes[rest][:, first : first + count]
            return columns
        return _columns(self._planes[0], where)


def weighted(source: Plane, axis: int, parts: List[Part]) -> Plane:
    """Add up samples of (rows, columns) along an axis; arrays of NumPy or of a device."""
    if axis == 1:
        return added_up((_columns(source, where), weight) for where, weight in parts)
    return added_up(
        (source[where], weight[:, None] if weight.ndim else weight) for where, weight in parts
    )


def added_up(terms: Iterable[Tuple[Plane, npt.NDArray[np.float32]]]) -> Plane:
    """Add up planes times their factors, in their order; arrays of NumPy or of a device."""
    total: Optional[Plane] = None
    term: Optional[Plane] = None
    for picked, factor in terms:
        xp = array_module(picked)
        term = xp.multiply(picked, factor, out=term)
        if total is None:
            total, term = term, None
        else:
            total += term
    assert total is not None
    return total


def _columns(source: Plane, where: Places) -> Plane:
    if isinstance(where, slice):
        return source[:, where]
    # Faster than indexing, which is ready for more than one axis.
    return source.take(where, axis=1)
