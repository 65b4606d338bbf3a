"""One frame through a PCSR network: tiles in turn, bands of a tile in parallel."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any, Callable, Optional, Sequence, Set, Tuple, TypeVar

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.assignment import Choice, ClassMap, DifficultyHistogram, difficulty
from pcsr_edge.runtime.buffers import FRESH, Allocator
from pcsr_edge.runtime.decision import Decision
from pcsr_edge.runtime.geometry import Axis, Span
from pcsr_edge.runtime.method import FrameJob, Progress
from pcsr_edge.runtime.network import Network
from pcsr_edge.runtime.queries import QueryIndexer
from pcsr_edge.runtime.stopwatch import Stopwatch
from pcsr_edge.runtime.tile_job import Part, TileJob
from pcsr_edge.runtime.tiling import plan_tiles
from pcsr_edge.runtime.tuning import Tuning
from pcsr_edge.runtime.work_share import busiest, sorted_share

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
    prices: Optional[Tuple[float, ...]] = None
    """See `FrameRequest`."""
    memory: Allocator = FRESH
    """Makes the result and the canvas."""


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
        self.out: npt.NDArray[Any] = settings.memory.empty((*size, 3), image.dtype)
        self.class_map: ClassMap = settings.memory.empty(size, np.uint8)
        # One for all tiles: memory that comes fresh from the system costs more than the pixels.
        most = max(len(tile.outer_rows) * len(tile.outer_cols) for tile in self.tiles)
        self._canvas = settings.memory.empty((most, 3), np.float32)
        self._scanned: Optional[TileJob] = None
        self._easy: Set[Tuple[int, Span, Span]] = set()
        self._decision = Decision(
            network.manifest,
            settings.axes,
            settings.k,
            settings.adaptive,
            settings.force_class,
            settings.work,
            settings.prices,
        )

    def run(self) -> None:
        """Fill `out` and `class_map`."""
        lone = self._decision.lone_class(self._image)
        choice = self._choice() if lone is None else None
        for index in range(len(self.tiles)):
            self._run_tile(index, choice, lone)
            self._progress(index + 1, len(self.tiles))

    def _run_tile(self, index: int, choice: Optional[Choice], lone: Optional[int]) -> None:
        job = self._scanned or self._job(index)
        lightest = self._network.classes - 1

        def upsample(part: Part) -> None:
            easy = (index, *part.place) in self._easy
            job.upsample(part, None if easy else choice, lightest if easy else lone or 0)

        self._each(upsample, job.bands())
        # Refinement looks at neighbours in other bands: all must be on the canvas.
        smooth = self._network.classes > 1 and self._refine
        deliver = partial(job.deliver, smooth=smooth, out=self.out, class_map=self.class_map)
        self._each(deliver, job.rows())

    @property
    def _refine(self) -> bool:
        return self._settings.refine and self._settings.force_class is None

    def _job(self, index: int) -> TileJob:
        """Start on a tile: its features are there on return."""
        job = self._tile(index)
        self._each(job.extract, job.strips)
        return job

    def _tile(self, index: int) -> TileJob:
        return TileJob(
            self._network,
            self._settings.tuning,
            self._indexer,
            self.watch,
            self._settings.axes,
            self.tiles[index],
            self._image,
            self._settings.threads,
            self._canvas,
        )

    def _each(self, work: Callable[[T], object], parts: Sequence[T]) -> None:
        for _ in self._pool.map(work, parts):
            pass

    def _choice(self) -> Choice:
        """Return how logits become classes."""
        if not self._decision.scans:
            return self._decision.choice()
        return self._decision.choice(self._scan(), self.class_map.size)

    def _scan(self) -> DifficultyHistogram:
        """Count difficulties over the whole image, before anything is upsampled.

        Features and difficulties of a lone tile are kept for what follows; those of several are
        computed a second time, since together they would need the memory that tiles exist to save.
        """
        work = self._settings.work
        histogram = DifficultyHistogram(means=work is None)
        if work is not None:
            self._easy = self._leave_out(sorted_share(work))
        for index in range(len(self.tiles)):
            self._scan_tile(index, histogram)
        return histogram

    def _leave_out(self, share: float) -> Set[Tuple[int, Span, Span]]:
        """Return the bands that are not among the busiest, which have `share` of the queries."""
        if share == 1:
            return set()
        bands = [(i, *p.place) for i in range(len(self.tiles)) for p in self._tile(i).bands()]
        cells = [(self._cells(rows, 0), self._cells(cols, 1)) for _, rows, cols in bands]
        kept = busiest([self._image[block] for block in cells], share)
        return {band for number, band in enumerate(bands) if number not in kept}

    def _cells(self, queries: Span, axis: int) -> slice:
        """Return the LR rows or columns under SR ones."""
        first, last = self._settings.axes[axis].cells(queries.start, queries.stop)[[0, -1]]
        return slice(int(first), int(last) + 1)

    def _scan_tile(self, index: int, histogram: DifficultyHistogram) -> None:
        """Count the difficulties of one tile, which is gone when the next one is made."""
        job = self._tile(index)
        bands = [part for part in job.bands() if (index, *part.place) not in self._easy]
        if not bands and len(self.tiles) > 1:
            return
        self._each(job.extract, job.strips)

        def count(part: Part) -> None:
            values = job.core(part, difficulty)
            with self.watch.stage("assignment"):
                histogram.add(values)

        self._each(count, bands)
        if len(self.tiles) == 1:
            self._scanned = job
