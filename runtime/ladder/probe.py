"""Measures what a rung costs: a few frames of a small picture and of a larger one."""

from __future__ import annotations

import statistics
from datetime import datetime
from typing import Callable, Mapping, NamedTuple, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.ladder.cost import BatchTime, Cost, EngineTimes, Point
from pcsr_edge.runtime.ladder.probe_picture import probe_picture
from pcsr_edge.runtime.ladder.rung import Rung
from pcsr_edge.runtime.result import Result


class Timing(NamedTuple):
    """What one frame took."""

    ms: float
    """Wall time."""
    engines: Mapping[str, BatchTime] = {}


class Measured(NamedTuple):
    """What frames of one size took."""

    frame: Point
    engines: Mapping[str, BatchTime]


RunFrame = Callable[[Rung, npt.NDArray[np.uint8]], Timing]
"""Upscales a picture at a rung."""

SMALL = (64, 64)
LARGE = ((256, 320), (192, 256), (128, 160))
"""(h, w) of the pictures; of the large ones the largest that is quick enough."""
RUNS = 3
"""Frames of the small picture, after one that warms up; the least of the large one."""
MOST_RUNS = 9
TIME_MS = 500.0
"""Time for the frames of the large picture."""


def timing(result: Result, threads: int) -> Timing:
    """Return what a frame took that `threads` worked on, which share its engines evenly."""
    engines = {
        name: BatchTime(batch, result.times[name] / threads)
        for name, batch in result.batches.items()
    }
    return Timing(result.times["total"], engines)


def rough_cost(rung: Rung, run_frame: RunFrame) -> Cost:
    """Measure the small picture alone."""
    small = _measure(rung, run_frame, SMALL, RUNS)
    return Cost(small.frame, small.frame, _now(), _merged([small.engines]))


def full_cost(rung: Rung, run_frame: RunFrame, rough: Cost) -> Cost:
    """Measure both pictures; `rough` tells how large the large one may be.

    The small one again: other work on the machine may have come or gone since.
    """
    small = _measure(rung, run_frame, SMALL, RUNS)
    size = next((s for s in LARGE if _frames(rough, s) > RUNS), LARGE[-1])
    # One of them warms up.
    runs = min(max(RUNS, _frames(rough, size) - 1), MOST_RUNS)
    large = _measure(rung, run_frame, size, runs)
    return Cost(small.frame, large.frame, _now(), _merged([small.engines, large.engines]))


def _frames(rough: Cost, size: Tuple[int, int]) -> int:
    """Return how many frames are done in time."""
    return int(TIME_MS / rough.milliseconds(size[0] * size[1]))


def _measure(rung: Rung, run_frame: RunFrame, size: Tuple[int, int], runs: int) -> Measured:
    picture = probe_picture(*size)
    run_frame(rung, picture)
    frames = [run_frame(rung, picture) for _ in range(runs)]
    point = Point(size[0] * size[1], statistics.median(frame.ms for frame in frames))
    # The same picture has the same batches every time.
    engines = {
        name: BatchTime(seen.batch, statistics.median(frame.engines[name].ms for frame in frames))
        for name, seen in frames[0].engines.items()
    }
    return Measured(point, engines)


def _merged(sizes: Sequence[Mapping[str, BatchTime]]) -> EngineTimes:
    """Put together what engines took in pictures of rising size.

    What only smaller ones called is left out, so that the last batch of each is of the largest.
    """
    return {name: tuple(seen[name] for seen in sizes if name in seen) for name in sizes[-1]}


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")
