"""Measures what a rung costs: a few frames of a small picture and of a larger one."""

from __future__ import annotations

import statistics
from datetime import datetime
from typing import Callable, List, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.ladder.cost import Cost, Point
from pcsr_edge.runtime.ladder.probe_picture import probe_picture
from pcsr_edge.runtime.ladder.rung import Rung

RunFrame = Callable[[Rung, npt.NDArray[np.uint8]], float]
"""Upscales a picture at a rung and returns the milliseconds of wall time."""

SMALL = (64, 64)
LARGE = ((256, 320), (192, 256), (128, 160))
"""(h, w) of the pictures; of the large ones the largest that is quick enough."""
RUNS = 3
"""Frames of the small picture, after one that warms up; the least of the large one."""
MOST_RUNS = 9
TIME_MS = 500.0
"""Time for the frames of the large picture."""


def rough_cost(rung: Rung, run_frame: RunFrame) -> Cost:
    """Measure the small picture alone."""
    point = _measure(rung, run_frame, SMALL, RUNS)
    return Cost(point, point, _now())


def full_cost(rung: Rung, run_frame: RunFrame, rough: Cost) -> Cost:
    """Measure both pictures; `rough` tells how large the large one may be.

    The small one again: other work on the machine may have come or gone since.
    """
    small = _measure(rung, run_frame, SMALL, RUNS)
    size = next((s for s in LARGE if _frames(rough, s) > RUNS), LARGE[-1])
    # One of them warms up.
    runs = min(max(RUNS, _frames(rough, size) - 1), MOST_RUNS)
    return Cost(small, _measure(rung, run_frame, size, runs), _now())


def _frames(rough: Cost, size: Tuple[int, int]) -> int:
    """Return how many frames are done in time."""
    return int(TIME_MS / rough.milliseconds(size[0] * size[1]))


def _measure(rung: Rung, run_frame: RunFrame, size: Tuple[int, int], runs: int) -> Point:
    picture = probe_picture(*size)
    run_frame(rung, picture)
    times: List[float] = [run_frame(rung, picture) for _ in range(runs)]
    return Point(size[0] * size[1], statistics.median(times))


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")
