"""One frame through a PCSR network: tiles in turn, bands of a tile in parallel."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any, Callable, Optional, Sequence, Tuple, TypeVar

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.assignment import ClassMap, DifficultyHistogram, difficulty
from pcsr_edge.runtime.decision import Assign, Decision
from pcsr_edge.runtime.geometry import Axis
from pcsr_edge.runtime.method import FrameJob, Progress
from pcsr_edge.runtime.network import Network
from pcsr_edge.runtime.queries import QueryIndexer
from pcsr_edge.runtime.stopwatch import Stopwatch
from pcsr_edge.runtime.tile_job import TileJob
from pcsr_edge.runtime.tiling import plan_tiles
from pcsr_edge.runtime.tuning import Tuning

T = TypeVar("T")


@dataclass(frozen=True)
class FrameSettings:
    """How one frame is upscaled."""

    axes: Tuple[Axis, Axis]
    """Vertical and horizontal axis."""
    k: float
    """Cost exponent."""
    adaptive: bool
    """Assign by ADM in place of k."""
    force_class: Optional[int]
    """One class for every query."""
    refine: bool
    """Smooth light pixels that touch heavy ones."""
    side: int
    """LR pixels along a tile's core."""
    threads: int
    """Strips of a tile that are worked on at once."""
    tuning: Tuning
    """What this machine likes."""
    work: Optional[float] = None
    """Mean work of a query, 0 (all light) to 1 (all heavy), in place of k."""


class Frame(FrameJob):
    """Runs one image; `pool` works on the bands of a tile."""

    def __init__(
        self,
        network: Network,
        indexer: QueryIndexer,
        pool: Executor,
        settings: FrameSettings,
        image: npt.NDArray[Any],
        progress: Optional[Progress],
    ) -> None:
        self._network, self._indexer, self._pool = network, indexer, pool
        self._settings, self._image = settings, image
        self._progress = progress or (lambda done, total: None)
        self.watch = Stopwatch()
        halo = network.manifest.receptive_field
        self.tiles = plan_tiles(settings.axes, settings.side, halo)
        size = settings.axes[0].n_hr, settings.axes[1].n_hr
        self.out: npt.NDArray[Any] = np.empty((*size, 3), dtype=image.dtype)
        self.class_map: ClassMap = np.empty(size, dtype=np.uint8)
        self._scanned: Optional[TileJob] = None
        self._decision = Decision(
            network.manifest,
            settings.axes,
            settings.k,
            settings.adaptive,
            settings.force_class,
            settings.work,
        )

    def run(self) -> None:
        """Fill `out` and `class_map`."""
        lone = self._decision.lone_class(self._image)
        assign = self._assignment() if lone is None else None
        for index in range(len(self.tiles)):
            self._run_tile(self._scanned or self._job(index), assign, lone)
            self._progress(index + 1, len(self.tiles))

    def _run_tile(self, job: TileJob, assign: Optional[Assign], lone: Optional[int]) -> None:
        bands = job.bands()
        self._each(partial(job.upsample, assign=assign, forced=lone or 0), bands)
        # Refinement looks at neighbours in other bands: all must be on the canvas.
        smooth = self._network.classes > 1 and self._refine
        deliver = partial(job.deliver, smooth=smooth, out=self.out, class_map=self.class_map)
        self._each(deliver, job.rows())

    @property
    def _refine(self) -> bool:
        return self._settings.refine and self._settings.force_class is None

    def _job(self, index: int) -> TileJob:
        """Start on a tile: its features are there on return."""
        job = TileJob(
            self._network,
            self._settings.tuning,
            self._indexer,
            self.watch,
            self._settings.axes,
            self.tiles[index],
            self._image,
            self._settings.threads,
        )
        self._each(job.extract, job.strips)
        return job

    def _each(self, work: Callable[[T], object], parts: Sequence[T]) -> None:
        for _ in self._pool.map(work, parts):
            pass

    def _assignment(self) -> Assign:
        """Return how logits become classes."""
        return self._decision.assignment(self._scan() if self._decision.scans else None)

    def _scan(self) -> DifficultyHistogram:
        """Count difficulties over the whole image, before anything is upsampled.

        The features of a lone tile are kept for what follows; those of several are computed
        a second time, since together they would need the memory that tiles exist to save.
        """
        histogram = DifficultyHistogram()
        for index in range(len(self.tiles)):
            self._scan_tile(self._job(index), histogram)
        return histogram

    def _scan_tile(self, job: TileJob, histogram: DifficultyHistogram) -> None:
        """Count the difficulties of one tile, which is gone when the next one is made."""
        for values in self._pool.map(partial(job.core, values=difficulty), job.bands()):
            with self.watch.stage("assignment"):
                histogram.add(values)
        if len(self.tiles) == 1:
            self._scanned = job
