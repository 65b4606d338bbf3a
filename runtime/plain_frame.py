"""One frame through a plain network: tiles in turn, strips of a tile in parallel."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import Any

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.assignment import ClassMap
from pcsr_edge.runtime.engine import Engine
from pcsr_edge.runtime.geometry import Span
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.method import FrameJob, FrameRequest
from pcsr_edge.runtime.phases import write_phases
from pcsr_edge.runtime.pixels import to_planes
from pcsr_edge.runtime.stopwatch import Stopwatch
from pcsr_edge.runtime.tiling import Tile, cut_into_strips, plan_tiles


class PlainFrame(FrameJob):
    """Runs one image; the size of its result is the trained scale times its own.

    A tile is cut into one strip of rows per thread, and each goes through the network with a
    halo of its own: one call of one thread, so that threads never wait for each other inside
    a layer.
    """

    def __init__(
        self,
        manifest: Manifest,
        engine: Engine,
        threads: int,
        pool: Executor,
        request: FrameRequest,
    ) -> None:
        self._engine, self._threads, self._pool = engine, threads, pool
        self._axes, self._image = request.axes, request.image
        self._scale = request.axes[0].n_hr // request.axes[0].n_lr
        self._halo = manifest.receptive_field
        self._progress = request.progress or (lambda done, total: None)
        self.watch = Stopwatch()
        self.tiles = plan_tiles(request.axes, request.side, self._halo)
        size = request.axes[0].n_hr, request.axes[1].n_hr
        self.out: npt.NDArray[Any] = request.memory.empty((*size, 3), request.image.dtype)
        self.class_map: ClassMap = request.memory.zeros(size, np.uint8)

    def run(self) -> None:
        """Fill `out`; `class_map` is 0 everywhere."""
        for index, tile in enumerate(self.tiles):
            strips = cut_into_strips(tile, self._axes, self._halo, self._threads)
            for _ in self._pool.map(self._strip, strips):
                pass
            self._progress(index + 1, len(self.tiles))

    def _strip(self, strip: Tile) -> None:
        with self.watch.stage("preprocess"):
            window = strip.window_rows.slice(), strip.window_cols.slice()
            planes = to_planes(self._image[window])
        with self.watch.stage("network", planes[0, 0].size):
            phases = self._engine.run({"image": planes})["phases"][0]
        with self.watch.stage("postprocess"):
            rows = self._cells(strip.rows, strip.window_rows)
            cols = self._cells(strip.cols, strip.window_cols)
            target = self.out[strip.rows.slice(), strip.cols.slice()]
            write_phases(phases[:, rows, cols], target)

    def _cells(self, queries: Span, window: Span) -> slice:
        """Return where the cells under some queries lie in a window; they end with cells."""
        cells = Span(queries.start // self._scale, queries.stop // self._scale)
        return cells.slice(window.start)
