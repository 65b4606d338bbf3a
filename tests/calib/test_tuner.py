"""The search for a setting, on times that are made up."""

from __future__ import annotations

import math
from typing import Dict, List, Sequence

import pytest

from pcsr_edge.calib.profiling import Summary
from pcsr_edge.calib.tuner import STEPS, tune
from pcsr_edge.runtime.ladder import Rung

RUNGS = [
    Rung("large", 32.0, identity="l"),
    Rung("net", 31.0, k=0.0, identity="0"),
    Rung("net", 30.0, k=1.0, identity="1"),
    Rung("small", 29.0, identity="s"),
    Rung("bad", 28.0, identity="x"),
    Rung("bicubic", 27.0, identity="b"),
]
MS = {"large": 100.0, "small": 10.0, "bad": 12.0, "bicubic": 1.0}


class Times:
    """Times of rungs: `net` takes 50 ms at k = 0 and 40 less at k = 1."""

    def __init__(self) -> None:
        self.measured: List[str] = []

    def of(self, rung: Rung) -> float:
        """Return milliseconds."""
        return 50 - 40 * rung.k if rung.k is not None else MS[rung.model]

    def measure(self, rungs: Sequence[Rung]) -> List[Summary]:
        """See `Measure`."""
        self.measured += [rung.name for rung in rungs]
        return [Summary.of([self.of(rung)] * 5) for rung in rungs]


@pytest.fixture
def times() -> Times:
    """Return the times."""
    return Times()


def chosen(times: Times, budget: float) -> str:
    """Return the name of what is chosen."""
    found = tune(RUNGS, budget, times.of, times.measure)
    assert found.chosen is not None
    return found.chosen.rung.name


@pytest.mark.parametrize(
    ("budget", "name"),
    [(200.0, "large"), (60.0, "net k=0"), (30.0, "net k=0.5"), (5.0, "bicubic")],
)
def test_the_best_that_keeps_the_budget(times: Times, budget: float, name: str) -> None:
    assert chosen(times, budget) == name


def test_k_is_looked_for_between_two_rungs(times: Times) -> None:
    found = tune(RUNGS, 22.0, times.of, times.measure)
    assert found.chosen is not None
    assert found.chosen.rung.k == 0.75
    assert found.chosen.estimated
    assert found.chosen.rung.psnr == pytest.approx(30.25)
    tried = [tuned.rung.k for tuned in found.rungs if tuned.estimated]
    assert sorted(k for k in tried if k is not None) == [0.5, 0.625, 0.75]


def test_k_is_left_alone_where_it_cannot_win(times: Times) -> None:
    MS_FAST: Dict[str, float] = {**MS, "large": 20.0}
    times.of = lambda rung: 50 - 40 * rung.k if rung.k is not None else MS_FAST[rung.model]  # type: ignore[method-assign]
    assert chosen(times, 22.0) == "large"
    assert len(times.measured) == len(set(times.measured)) <= len(RUNGS)


def test_bisection_ends(times: Times) -> None:
    tune(RUNGS, 22.0, times.of, times.measure)
    assert sum(name.startswith("net k=0.") for name in times.measured) == STEPS


PATCHES = [
    Rung("net", 31.0, eta=8.0, identity="8"),
    Rung("net", 30.9, force_class=1, identity="c"),
    Rung("net", 30.0, eta=2.0, identity="2"),
    Rung("net", 29.0, eta=0.0, identity="0"),
]


def patch_times(rungs: Sequence[Rung]) -> List[Summary]:
    """Return times that are 10 ms at eta = 1, and 10 more for each doubling."""
    ms = [100.0 if rung.eta is None else 10 + 10 * math.log2(rung.eta or 0.5) for rung in rungs]
    return [Summary.of([value] * 5) for value in ms]


def test_eta_is_looked_for_between_two_rungs() -> None:
    found = tune(PATCHES, 33.0, lambda rung: 10.0, patch_times)
    assert found.chosen is not None
    assert (found.chosen.rung.eta, found.chosen.estimated) == (4.76, True)
    assert sorted(t.rung.eta or 0 for t in found.rungs if t.estimated) == [4.0, 4.76, 5.66]


def test_quality_between_two_values_of_eta_goes_by_doublings() -> None:
    found = tune(PATCHES, 33.0, lambda rung: 10.0, patch_times)
    (middle,) = [tuned for tuned in found.rungs if tuned.rung.eta == 4.0]
    assert middle.rung.psnr == pytest.approx(30.5)


def test_interpolation_alone_is_not_halved() -> None:
    found = tune(PATCHES[2:], 15.0, lambda rung: 10.0, patch_times)
    assert not any(tuned.estimated for tuned in found.rungs)
    assert found.chosen is not None
    assert found.chosen.rung.eta == 0.0


def test_far_too_slow_rungs_are_not_measured(times: Times) -> None:
    found = tune(RUNGS, 26.0, times.of, times.measure)
    assert "large" not in times.measured
    assert found.rungs[0].times is None
    assert found.rungs[0].predicted_ms == 100.0


def test_nothing_keeps_the_budget(times: Times) -> None:
    found = tune(RUNGS, 0.1, times.of, times.measure)
    assert found.chosen is None
    assert found.fastest.rung.name == "bicubic"
    assert times.measured == ["bicubic"]


def test_nine_of_ten_frames_must_keep_it() -> None:
    def measure(rungs: Sequence[Rung]) -> List[Summary]:
        return [Summary.of([1.0] * 8 + [9.0] * 2) for _ in rungs]

    found = tune(RUNGS[-1:], 5.0, lambda rung: 1.0, measure)
    assert found.chosen is None


def test_beaten_settings_are_known(times: Times) -> None:
    found = tune(RUNGS, 200.0, times.of, times.measure)
    names = [tuned.rung.name for tuned in found.unbeaten]
    assert names == ["bicubic", "net k=1", "net k=0", "large"]
