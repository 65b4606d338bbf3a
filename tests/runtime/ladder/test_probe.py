"""What is measured of a rung beside the time of its frames: its engines."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict

import numpy as np
import pytest
from support.host_backend import device_upscaler

from pcsr_edge.runtime.ladder import Rung
from pcsr_edge.runtime.ladder.cost import BatchTime
from pcsr_edge.runtime.ladder.probe import LARGE, SMALL, Timing, full_cost, rough_cost, timing
from pcsr_edge.runtime.ladder.probe_picture import probe_picture
from pcsr_edge.runtime.result import Result
from pcsr_edge.runtime.upscaler import Upscaler

DATA = Path(__file__).parents[2] / "data"
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


CELLS = 24 * 32
CALLED: Dict[str, Any] = {
    "pcsr-heavy": ("pcsr", 0, {"backbone": CELLS, "upsampler_0": 16 * CELLS}),
    "pcsr-light": ("pcsr", 1, {"backbone": CELLS, "upsampler_1": 16 * CELLS}),
    "cascade-heavy": ("cascade", 0, {"trunk": CELLS, "deep": CELLS}),
    "cascade-light": ("cascade", 1, {"trunk": CELLS}),
    "arm-heavy": ("arm", 0, {"subnet_0": CELLS}),
    "arm-middle": ("arm", 1, {"subnet_1": CELLS}),
    "arm-light": ("arm", 2, {"interpolation": CELLS}),
    "plain": ("plain", None, {"network": CELLS}),
}


@pytest.mark.parametrize(("method", "number", "least"), CALLED.values(), ids=CALLED.keys())
def test_frames_tell_which_engines_they_called(method: str, number: Any, least: Any) -> None:
    with Upscaler.load(DATA / f"tiny-{method}-x4", device="cpu", threads=1) as upscaler:
        result = upscaler.run(probe_picture(24, 32), force_class=number)
    assert set(result.batches) == set(least)
    # With the halos, of which patches have most.
    assert all(least[name] <= batch <= 6 * least[name] for name, batch in result.batches.items())


def test_frames_on_a_device_tell_of_none() -> None:
    with device_upscaler(DATA / "tiny-pcsr-x4") as upscaler:
        result = upscaler.run(probe_picture(24, 32), force_class=0)
    assert timing(result, 1) == (result.times["total"], {})
