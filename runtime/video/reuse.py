"""Computes again only what changed since the frame before; the rest is what it was.

A box that is computed gets a margin as wide as the network and the conversions look, so that the
result is the one that the whole frame would have given. That holds where each pixel depends on
its surroundings alone: not for ADM and time budgets, which look at the whole frame.
"""

from __future__ import annotations

from typing import Callable, Optional, Tuple

from pcsr_edge.runtime.buffers import FRESH, Allocator
from pcsr_edge.runtime.video.reach import Reach
from pcsr_edge.runtime.video.regions import Box, boxes_to_compute, changed_tiles, worth_it
from pcsr_edge.runtime.yuv import Yuv


class Reuse:
    """Keeps the last result, and mends it.

    Args:
        compute: makes the SR planes of LR planes of any size.
        reach: how far it looks.
        threshold: codes by which a sample may differ from the one that was computed with, and
            still count as unchanged; 0 keeps results exact.
        memory: makes copies of results, which are mended.
    """

    def __init__(
        self,
        compute: Callable[[Yuv], Yuv],
        reach: Reach,
        threshold: int = 0,
        memory: Allocator = FRESH,
    ) -> None:
        self._memory = memory
        self._compute, self._reach, self._threshold = compute, reach, threshold
        self._before: Optional[Tuple[Yuv, Yuv]] = None
        self.computed = self.total = 0
        """LR pixels that were computed, and that there were."""

    def __call__(self, planes: Yuv) -> Yuv:
        """Return the SR planes of a frame."""
        size = planes.y.shape[0], planes.y.shape[1]
        self.total += size[0] * size[1]
        if self._before is None:
            return self._whole(planes)
        reference, result = self._before
        tiles = changed_tiles(planes, reference, self._threshold)
        boxes = boxes_to_compute(tiles, lambda box: self._reach.felt(box, size))
        windows = [self._reach.needed(box, size) for box in boxes]
        if not worth_it(windows, size):
            return self._whole(planes)
        # Frames that wait for the encoder share these planes, so they are not written to.
        reference, result = self._copy(reference), self._copy(result)
        for box, window in zip(boxes, windows):
            self._mend(box, window, planes, result)
            for target, source in zip(box.cut(reference), box.cut(planes)):
                target[...] = source
        self._before = reference, result
        return result

    def _whole(self, planes: Yuv) -> Yuv:
        self.computed += planes.y.size
        result = self._compute(planes)
        self._before = planes, result
        return result

    def _mend(self, box: Box, window: Box, planes: Yuv, result: Yuv) -> None:
        self.computed += window.area
        part = self._compute(window.cut(planes))
        scale = self._reach.scale
        inner = Box(*(scale * (edge - shift) for edge, shift in zip(box, window[:2] * 2)))
        outer = Box(*(scale * edge for edge in box))
        for target, source in zip(outer.cut(result), inner.cut(part)):
            target[...] = source

    def _copy(self, planes: Yuv) -> Yuv:
        copies = [self._memory.empty(plane.shape, plane.dtype) for plane in planes]
        for copy, plane in zip(copies, planes):
            copy[...] = plane
        return Yuv(*copies)
