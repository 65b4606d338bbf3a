"""The choice of a rung: the best that fits, whatever the costs are."""

from __future__ import annotations

import math
from typing import List, Optional, Sequence, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fake_costs import FakeCosts

from pcsr_edge.runtime.ladder import Ladder, Rung

SIZE = (10, 100)
"""A thousand LR pixels, so that fake costs are milliseconds."""

times = st.integers(1, 2**17).map(lambda value: value / 8)
"""Whole eighths: a thousand of them are exact."""
all_times = st.lists(times, min_size=1, max_size=8)


@st.composite
def costs_and_a_budget_too_small(draw: st.DrawFn) -> Tuple[List[float], float]:
    """Costs of rungs, and a budget that none of them fits."""
    ms = draw(all_times)
    eighths = int(8 * min(ms))
    return [value + 1 / 8 for value in ms], draw(st.integers(1, eighths)) / 8


@st.composite
def costs_and_a_budget_for_one(draw: st.DrawFn) -> Tuple[List[float], float]:
    """Costs of rungs, and a budget that at least one of them fits."""
    ms = draw(all_times)
    return ms, draw(st.sampled_from(ms)) + draw(st.integers(0, 2**17)) / 8


def rungs(count: int) -> List[Rung]:
    return [Rung(f"r{i}", 40.0 - i) for i in range(count)]


def ladder_of(ms: Sequence[float]) -> Ladder:
    return Ladder(rungs(len(ms)), FakeCosts({f"r{i}": value for i, value in enumerate(ms)}))


class RoughCosts(FakeCosts):
    """Says a hundred times too much of what is beyond the limit."""

    def milliseconds(self, rung: Rung, cells: int, limit: float = math.inf) -> float:
        ms = super().milliseconds(rung, cells)
        return ms if ms <= limit else 100 * ms


def best_that_fits(ms: Sequence[float], budget: float) -> Optional[int]:
    return next((i for i, value in enumerate(ms) if value <= budget), None)


@given(costs_and_a_budget_for_one())
def test_the_best_rung_that_fits_is_taken(case: Tuple[List[float], float]) -> None:
    ms, budget = case
    expected = best_that_fits(ms, budget)
    choice = ladder_of(ms).rung_for(SIZE, budget)
    assert choice.fits
    assert choice.rung.name == f"r{expected}"
    assert choice.predicted_ms == pytest.approx(ms[expected or 0])


@given(costs_and_a_budget_too_small())
def test_where_none_fits_the_fastest_is_taken(case: Tuple[List[float], float]) -> None:
    ms, budget = case
    choice = ladder_of(ms).rung_for(SIZE, budget)
    assert not choice.fits
    assert choice.rung.name == f"r{ms.index(min(ms))}"


@given(costs_and_a_budget_for_one(), times)
def test_more_time_is_never_worse(case: Tuple[List[float], float], extra: float) -> None:
    ms, budget = case
    ladder = ladder_of(ms)
    less, more = ladder.rung_for(SIZE, budget), ladder.rung_for(SIZE, budget + extra)
    assert (more.rung.psnr or 0) >= (less.rung.psnr or 0)


@given(all_times, times)
def test_what_is_slower_and_worse_is_never_taken(ms: List[float], budget: float) -> None:
    index = int(ladder_of(ms).rung_for(SIZE, budget).rung.name[1:])
    assert all(ms[index] < value for value in ms[:index])


@given(all_times)
def test_steps_get_worse_and_faster(ms: List[float]) -> None:
    steps = [int(rung.name[1:]) for rung in ladder_of(ms).steps(SIZE)]
    assert steps[0] == 0
    assert steps == sorted(set(steps))
    assert [ms[i] for i in steps] == sorted({ms[i] for i in steps}, reverse=True)


@given(all_times)
def test_steps_up_retrace_the_steps_down(ms: List[float]) -> None:
    ladder = ladder_of(ms)
    steps = ladder.steps(SIZE)
    back = [steps[-1]]
    while ladder.step_up(back[-1], SIZE) != back[-1]:
        back.append(ladder.step_up(back[-1], SIZE))
    assert tuple(reversed(back)) == steps


def test_a_larger_picture_takes_a_faster_rung() -> None:
    ladder = ladder_of([10, 1])
    assert ladder.rung_for((10, 100), 10).rung.name == "r0"
    assert ladder.rung_for((20, 100), 10).rung.name == "r1"


def test_without_a_budget_the_best_is_taken_and_nothing_measured() -> None:
    costs = FakeCosts({})
    choice = Ladder(rungs(3), costs).rung_for(SIZE, None)
    assert (choice.rung.name, choice.predicted_ms, choice.fits) == ("r0", None, True)
    assert costs.asked == []


def test_rungs_below_the_chosen_one_are_not_measured() -> None:
    costs = FakeCosts({"r0": 9, "r1": 5, "r2": 1})
    Ladder(rungs(3), costs).rung_for(SIZE, 6)
    assert set(costs.asked) == {"r0", "r1"}


def test_the_choice_says_what_was_considered() -> None:
    choice = ladder_of([9, 5, 1]).rung_for(SIZE, 6)
    assert [(rung.name, ms) for rung, ms in choice.considered] == [("r0", 9), ("r1", 5)]


def test_a_lone_rung_says_so() -> None:
    assert ladder_of([1]).rung_for(SIZE, 2).alone
    assert not ladder_of([1, 1]).rung_for(SIZE, 2).alone


def test_observed_times_change_the_choice() -> None:
    ladder = ladder_of([10, 1])
    ladder.observe(ladder.rungs[0], SIZE, 30.0)
    assert ladder.predicted(ladder.rungs[0], SIZE) == pytest.approx(30)
    assert ladder.rung_for(SIZE, 20).rung.name == "r1"


def test_limits_allow_for_what_was_observed() -> None:
    costs = RoughCosts({"r0": 10.0})
    ladder = Ladder(rungs(1), costs)
    ladder.observe(ladder.rungs[0], SIZE, 2.0)
    # A fifth of what was measured: within the limit, so it must not be rough.
    assert ladder.predicted(ladder.rungs[0], SIZE, limit=3.0) == pytest.approx(2)


def test_one_odd_observation_is_smoothed() -> None:
    ladder = ladder_of([10])
    for ms in (10.0, 10.0, 50.0):
        ladder.observe(ladder.rungs[0], SIZE, ms)
    assert ladder.predicted(ladder.rungs[0], SIZE) == pytest.approx(20)


def test_observations_hold_for_other_sizes() -> None:
    ladder = ladder_of([10])
    ladder.observe(ladder.rungs[0], SIZE, 20.0)
    assert ladder.predicted(ladder.rungs[0], (30, 100)) == pytest.approx(60)


def test_a_step_beyond_either_end_stays() -> None:
    ladder = ladder_of([10, 1])
    assert ladder.step_up(ladder.rungs[0], SIZE) == ladder.rungs[0]
    assert ladder.step_down(ladder.rungs[1], SIZE) == ladder.rungs[1]
