"""One frame through a cascade: tiles in turn, strips and batches of blocks in parallel."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import Any, Callable, Iterable, List, Optional, Tuple, TypeVar

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.assignment import (
    ClassMap,
    DifficultyHistogram,
    assign_by_cost,
    assign_by_difficulty,
    class_costs,
    difficulty,
)
from pcsr_edge.runtime.block_grid import BlockArea, cut_into_areas, cut_into_strips
from pcsr_edge.runtime.cascade_strip import CascadeEngines, CascadeStrip, Place
from pcsr_edge.runtime.geometry import FloatArray, Span
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.method import FrameJob, FrameRequest
from pcsr_edge.runtime.stopwatch import Stopwatch
from pcsr_edge.runtime.tiling import Tile
from pcsr_edge.runtime.work_share import class_works, thresholds_for_work

BLOCKS_PER_CALL = 4
"""Few, so that threads end together and what they work on stays in the cache."""
Assign = Callable[[FloatArray], ClassMap]
"""From logits (n, 2) to classes (n,)."""
T = TypeVar("T")


class CascadeFrame(FrameJob):
    """Runs one image; the size of its result is the trained scale times its own.

    A tile is cut into one strip of blocks per thread; each goes through the trunk with a halo
    of its own. Then the heavy blocks of all strips go through the deep part, a few a call, to
    whichever thread is free. Blocks lie on one grid from the picture's corner: where tiles and
    strips are cut changes nothing.
    """

    def __init__(
        self,
        manifest: Manifest,
        engines: CascadeEngines,
        threads: int,
        pool: Executor,
        request: FrameRequest,
    ) -> None:
        self._manifest, self._engines, self._request = manifest, engines, request
        self._threads, self._pool = threads, pool
        self._progress = request.progress or (lambda done, total: None)
        self.watch = Stopwatch()
        height, width = request.image.shape[:2]
        self._areas = cut_into_areas((height, width), manifest.block, request.side)
        self.tiles = [cascade_tile(manifest, area, (height, width)) for area in self._areas]
        size = request.axes[0].n_hr, request.axes[1].n_hr
        self.out: npt.NDArray[Any] = request.memory.empty((*size, 3), request.image.dtype)
        self.class_map: ClassMap = request.memory.empty(size, np.uint8)
        self._scanned: Optional[List[CascadeStrip]] = None

    def run(self) -> None:
        """Fill `out` and `class_map`."""
        assign = self._assignment()
        for index, area in enumerate(self._areas):
            strips = self._scanned or self._strips(area)
            with self.watch.stage("assignment"):
                for strip in strips:
                    self._classify(strip, assign)
            self._each(lambda batch: batch[0].correct(batch[1]), self._batches(strips))
            self._each(lambda strip: strip.deliver(self.out, self.class_map), strips)
            self._progress(index + 1, len(self._areas))

    def _strips(self, area: BlockArea) -> List[CascadeStrip]:
        def start(part: BlockArea) -> CascadeStrip:
            image = self._request.image
            return CascadeStrip(self._manifest, self._engines, image, part, self.watch)

        return list(self._pool.map(start, cut_into_strips(area, self._threads)))

    def _classify(self, strip: CascadeStrip, assign: Optional[Assign]) -> None:
        if assign is None:
            strip.classes.fill(self._request.force_class or 0)
        else:
            strip.classes[:] = assign(strip.logits()).reshape(strip.classes.shape)
        if self._request.core is not None:
            strip.leave_light(self._request.core)

    @staticmethod
    def _batches(strips: List[CascadeStrip]) -> List[Tuple[CascadeStrip, List[Place]]]:
        found = []
        for strip in strips:
            heavy = strip.heavy()
            for first in range(0, len(heavy), BLOCKS_PER_CALL):
                found.append((strip, heavy[first : first + BLOCKS_PER_CALL]))
        return found

    def _each(self, work: Callable[[T], object], items: Iterable[T]) -> None:
        for _ in self._pool.map(work, items):
            pass

    def _assignment(self) -> Optional[Assign]:
        """Return how logits become classes; None where every block has the same class."""
        request, manifest = self._request, self._manifest
        if request.force_class is not None:
            return None
        if request.adaptive or request.work is not None:
            thresholds = self._scan()
            return lambda logits: assign_by_difficulty(difficulty(logits), thresholds)
        assert isinstance(manifest.scale, int)
        costs, k = class_costs(manifest, manifest.scale**2), request.k or 0.0
        return lambda logits: assign_by_cost(logits, costs, k)

    def _scan(self) -> List[float]:
        """Find the thresholds over the whole image, before any class is given.

        The strips of a lone tile are kept for what follows; those of several are computed
        a second time, since together they would need the memory that tiles exist to save.
        """
        histogram = DifficultyHistogram()
        for area in self._areas:
            strips = self._strips(area)
            for strip in strips:
                with self.watch.stage("assignment"):
                    histogram.add(difficulty(strip.logits()))
            if len(self._areas) == 1:
                self._scanned = strips
        if self._request.work is None:
            return list(histogram.thresholds(len(self._manifest.classes)))
        works = class_works([c.flops_per_query for c in self._manifest.classes])
        return list(thresholds_for_work(histogram.counts, works, self._request.work))


def cascade_tile(manifest: Manifest, area: BlockArea, size: Tuple[int, int]) -> Tile:
    """Return an area as a tile.

    Args:
        manifest: of the bundle.
        area: of the frame.
        size: (h, w) of the frame in cells.
    """
    assert isinstance(manifest.scale, int)
    rows, cols = (Span(s.start * manifest.scale, s.stop * manifest.scale) for s in area.cells())
    windows = area.seen(manifest.block, manifest.receptive_field, size)
    return Tile(rows, cols, rows, cols, *windows)
