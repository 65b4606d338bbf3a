"""One frame through a supernet: patches scored, given subnets, computed and put together."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import Any, Callable, Iterable, Optional, Sequence, Tuple, TypeVar

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.assignment import ClassMap
from pcsr_edge.runtime.engine import Engine
from pcsr_edge.runtime.geometry import Span
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.method import FrameJob, FrameRequest
from pcsr_edge.runtime.patch_area import PatchArea, PatchSettings
from pcsr_edge.runtime.patch_classes import patch_classes
from pcsr_edge.runtime.patch_plan import plan_patches
from pcsr_edge.runtime.patch_table import PatchTable
from pcsr_edge.runtime.stopwatch import Stopwatch

T = TypeVar("T")


class PatchFrame(FrameJob):
    """Runs one image; the size of its result is the trained scale times its own.

    All patches are scored first. A tile is the cores of some of them; its patches go through
    their subnets a few a call, to whichever thread is free.

    Args:
        manifest: of the bundle.
        engines: the subnets, widest first.
        table: gives classes; may be None where a class is forced.
        threads: batches, and strips, that are worked on at once.
        pool: works on them.
        request: checked.
    """

    def __init__(
        self,
        manifest: Manifest,
        engines: Sequence[Engine],
        table: Optional[PatchTable],
        threads: int,
        pool: Executor,
        request: FrameRequest,
    ) -> None:
        assert isinstance(manifest.scale, int)
        self._manifest, self._table, self._request = manifest, table, request
        self._threads, self._pool = threads, pool
        self._progress = request.progress or (lambda done, total: None)
        self.watch = Stopwatch()
        plan = plan_patches(manifest, request)
        self._grid, self._cuts, self.tiles = plan.grid, plan.cuts, plan.tiles
        self._settings = PatchSettings(engines, manifest.scale, plan.halo, plan.shares)
        height, width = request.image.shape[:2]
        size = height * manifest.scale, width * manifest.scale
        self.out: npt.NDArray[Any] = request.memory.empty((*size, 3), request.image.dtype)
        self.class_map: ClassMap = request.memory.empty(size, np.uint8)

    def run(self) -> None:
        """Fill `out` and `class_map`."""
        with self.watch.stage("assignment"):
            classes = patch_classes(self._request, self._manifest, self._table, self._grid)
        for index, cut in enumerate(self._cuts):
            self._run_area(cut, classes)
            self._progress(index + 1, len(self._cuts))

    def _run_area(self, cut: Tuple[Span, Span], classes: ClassMap) -> None:
        image = self._request.image
        area = PatchArea(self._settings, image, self._grid, cut, classes, self.watch)
        self._each(area.compute, area.batches())
        self._each(lambda rows: area.deliver(rows, self.out), area.strips(self._threads))
        area.class_map(self.class_map)

    def _each(self, work: Callable[[T], object], items: Iterable[T]) -> None:
        for _ in self._pool.map(work, items):
            pass
