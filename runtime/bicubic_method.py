"""Bicubic interpolation as a method: no engine, any size, for want of anything better."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import Any, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.assignment import ClassMap
from pcsr_edge.runtime.bicubic import fill, samplings
from pcsr_edge.runtime.geometry import Axis
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.method import FrameJob, FrameRequest, Method, refuse_choices
from pcsr_edge.runtime.stopwatch import Stopwatch
from pcsr_edge.runtime.tiling import Tile, cut_into_strips, plan_tiles

STRIP_BYTES = 4 * 2**20
"""More than the blocks of one strip take, whatever its size: 2.6 MB were measured."""


class BicubicMethod(Method):
    """Runs frames by `BicubicFrame`.

    Args:
        manifest: of the bundle.
        threads: strips of a tile that are worked on at once.
        pool: works on the strips; as many threads.
    """

    def __init__(self, manifest: Manifest, threads: int, pool: Executor) -> None:
        self._manifest, self._threads, self._pool = manifest, threads, pool

    def frame(self, request: FrameRequest) -> FrameJob:
        """Prepare a frame.

        Raises:
            UsageError: a choice among classes was asked for.
        """
        refuse_choices(self._manifest, request)
        return BicubicFrame(self._manifest.receptive_field, self._threads, self._pool, request)

    def tile_bytes(self, axes: Tuple[Axis, Axis], side: int) -> int:
        """Return the most bytes that a tile takes: strips are worked off block by block."""
        return self._threads * STRIP_BYTES

    def close(self) -> None:
        """Do nothing: there is no engine."""


class BicubicFrame(FrameJob):
    """Runs one image: tiles in turn, strips of a tile in parallel."""

    def __init__(self, halo: int, threads: int, pool: Executor, request: FrameRequest) -> None:
        self._halo, self._threads, self._pool = halo, threads, pool
        self._axes, self._image = request.axes, request.image
        self._progress = request.progress or (lambda done, total: None)
        self.watch = Stopwatch()
        self.tiles = plan_tiles(request.axes, request.side, halo)
        size = request.axes[0].n_hr, request.axes[1].n_hr
        self._samplings = samplings((request.axes[0].n_lr, request.axes[1].n_lr), size)
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
        with self.watch.stage("bicubic"):
            target = self.out[strip.rows.slice(), strip.cols.slice()]
            fill(self._image, self._samplings, strip.rows, strip.cols, target)
