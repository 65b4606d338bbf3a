"""What is measured of a rung beside the time of its frames: its engines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pcsr_edge.runtime.ladder import Rung
from pcsr_edge.runtime.ladder.cost import BatchTime
from pcsr_edge.runtime.ladder.probe import LARGE, SMALL, Timing, full_cost, rough_cost, timing
from pcsr_edge.runtime.result import Result

RUNG = Rung("r", identity="one")


def run(rung: Rung, picture: Any) -> Timing:
    """Call an engine on every pixel, and one of each that only pictures of one size need."""
    cells = picture.shape[0] * picture.shape[1]
    some = "small" if picture.shape[:2] == SMALL else "large"
    engines = {"all": BatchTime(cells, cells / 9000), some: BatchTime(10, 0.5)}
    return Timing(cells / 5000, engines)


def test_engines_are_measured_in_both_pictures() -> None:
    small, large = SMALL[0] * SMALL[1], LARGE[0][0] * LARGE[0][1]
    engines = full_cost(RUNG, run, rough_cost(RUNG, run)).engines
    assert engines["all"] == ((small, small / 9000), (large, large / 9000))


def test_the_last_batch_of_an_engine_is_of_the_large_picture() -> None:
    engines = full_cost(RUNG, run, rough_cost(RUNG, run)).engines
    assert set(engines) == {"all", "large"}
    assert engines["large"] == ((10, 0.5),)


def test_the_median_of_an_engine_is_kept() -> None:
    times = iter([100.0, 3.0, 50.0, 2.0])

    def varying(rung: Rung, picture: Any) -> Timing:
        return Timing(60.0, {"all": BatchTime(7, next(times))})

    assert rough_cost(RUNG, varying).engines == {"all": ((7, 3.0),)}


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_share_the_time_of_an_engine(threads: int) -> None:
    image = np.zeros((4, 4, 3), np.uint8)
    times = {"network": 8.0, "gather": 2.0, "total": 9.0}
    result = Result(image, image[..., 0], (1.0,), times, 0, 1, {"network": 5})
    assert timing(result, threads) == (9.0, {"network": (5, 8.0 / threads)})
