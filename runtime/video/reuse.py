"""Computes again only what changed since the frame before; the rest is what it was.

A box that is computed gets a margin as wide as the network and the conversions look, so that the
result is the one that the whole frame would have given. That holds where each pixel depends on
its surroundings alone: not for ADM and time budgets, which look at the whole frame.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Callable, List, Optional, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.buffers import FRESH, Allocator
from pcsr_edge.runtime.video.later import Later, now
from pcsr_edge.runtime.video.reach import Reach
from pcsr_edge.runtime.video.regions import (
    Box,
    Mask,
    boxes_to_compute,
    changed_tiles,
    most_changed,
    paste_tiles,
    worth_it,
)
from pcsr_edge.runtime.yuv import Yuv

Rgb = npt.NDArray[np.float32]


class Reuse(ABC):
    """Keeps the last result, and mends it.

    Args:
        reach: how far is looked.
        threshold: codes by which a sample may differ from the one that was computed with, and
            still count as unchanged; 0 keeps results exact.
        memory: makes copies of results, which are mended.
    """

    def __init__(self, reach: Reach, threshold: int = 0, memory: Allocator = FRESH) -> None:
        self._memory, self._reach, self._threshold = memory, reach, threshold
        self._before: Optional[Tuple[Yuv, Later[Yuv]]] = None
        self.computed = self.total = 0
        """LR pixels that were computed, and that there were."""

    def __call__(self, planes: Yuv) -> Later[Yuv]:
        """Return the SR planes of a frame; what is left to do another thread may do."""
        size = _size(planes)
        self.total += size[0] * size[1]
        if self._before is None:
            return self._anew(planes)
        reference, before = self._before
        tiles = changed_tiles(planes, reference, self._threshold)
        if most_changed(tiles, size):
            return self._anew(planes)
        boxes = boxes_to_compute(tiles, lambda box: self._reach.changed(box, size))
        windows = [self._reach.needed(box, size) for box in boxes]
        if not worth_it(windows, size):
            return self._anew(planes)
        # Frames that wait for the encoder share these planes, so they are not written to.
        result = self._copy(before.get())
        self.computed += sum(window.area for window in windows)
        reference = self._followed(reference, planes, tiles)
        self._mend(boxes, windows, reference, result)
        self._before = reference, now(result)
        return self._before[1]

    def _followed(self, reference: Yuv, planes: Yuv, tiles: Mask) -> Yuv:
        """Return the picture that the result is one of: no sample is off by more than allowed.

        What did not change enough must keep its old codes where others are computed from it too:
        else those beside it would count as computed from codes that they never saw.
        """
        if self._threshold == 0:
            return planes
        followed = self._copy(reference)
        paste_tiles(planes, followed, tiles)
        return followed

    def forget(self) -> None:
        """Compute the next frame as a whole."""
        self._before = None

    def _anew(self, planes: Yuv) -> Later[Yuv]:
        self.computed += planes.y.size
        result = self._whole(planes)
        self._before = planes, result
        return result

    def _copy(self, planes: Yuv) -> Yuv:
        copies = Yuv(*(self._memory.empty(plane.shape, plane.dtype) for plane in planes))
        _paste(planes, copies)
        return copies

    @abstractmethod
    def _whole(self, planes: Yuv) -> Later[Yuv]:
        """Return the SR planes of a frame, all of them computed."""

    @abstractmethod
    def _mend(self, boxes: List[Box], windows: List[Box], planes: Yuv, result: Yuv) -> None:
        """Compute boxes of a frame, each from the input in its window, and change `result`."""


class PlaneReuse(Reuse):
    """Of a model that takes planes and gives planes; `compute` does, for any part of a frame."""

    def __init__(
        self,
        compute: Callable[[Yuv], Yuv],
        reach: Reach,
        threshold: int = 0,
        memory: Allocator = FRESH,
    ) -> None:
        super().__init__(reach, threshold, memory)
        self._compute = compute

    def _whole(self, planes: Yuv) -> Later[Yuv]:
        return now(self._compute(planes))

    def _mend(self, boxes: List[Box], windows: List[Box], planes: Yuv, result: Yuv) -> None:
        scale = self._reach.scale
        for box, window in zip(boxes, windows):
            part = self._compute(window.cut(planes))
            _paste(box.within(window).times(scale).cut(part), box.times(scale).cut(result))


class RgbReuse(Reuse):
    """Of a model that takes RGB; what it gave is kept, so that only its changes are coded again.

    Args:
        enlarge: makes the SR pixels of LR planes, for any part of a frame; of those, all that lie
            over a box are needed.
        code: makes planes of SR pixels, likewise.
        reach: see `Reuse`.
        threshold: see `Reuse`.
        memory: see `Reuse`.
    """

    def __init__(
        self,
        enlarge: Callable[[Yuv, Box], Rgb],
        code: Callable[[Rgb], Yuv],
        reach: Reach,
        threshold: int = 0,
        memory: Allocator = FRESH,
    ) -> None:
        super().__init__(reach, threshold, memory)
        self._enlarge, self._code = enlarge, code
        self._pixels: Rgb = np.empty((0, 0, 3), np.float32)

    def _whole(self, planes: Yuv) -> Later[Yuv]:
        # What is made of them later is made before they are changed: `_mend` gets the result.
        self._pixels = pixels = self._enlarge(planes, Box(0, 0, *_size(planes)))
        return Later(lambda: self._code(pixels))

    def _mend(self, boxes: List[Box], windows: List[Box], planes: Yuv, result: Yuv) -> None:
        size, scale = _size(planes), self._reach.scale
        for box, window in zip(boxes, windows):
            core = box.within(window)
            part = self._enlarge(window.cut(planes), core)
            target = self._pixels[box.times(scale).slices()]
            target[...] = part[core.times(scale).slices()]
        for box in boxes:
            coded = self._reach.coded(box, size)
            seen = self._reach.coded(coded, size)
            codes = self._code(self._pixels[seen.times(scale).slices()])
            _paste(coded.within(seen).times(scale).cut(codes), coded.times(scale).cut(result))


def _paste(source: Yuv, target: Yuv) -> None:
    for new, plane in zip(source, target):
        plane[...] = new


def _size(planes: Yuv) -> Tuple[int, int]:
    return planes.y.shape[0], planes.y.shape[1]
