"""Costs are measured only when they are asked for, and only as closely as is needed."""

from __future__ import annotations

from typing import Any, List

from pcsr_edge.runtime.ladder import Rung
from pcsr_edge.runtime.ladder.cost_table import CostTable
from pcsr_edge.runtime.ladder.costs import MeasuredCosts
from pcsr_edge.runtime.ladder.probe import LARGE, MOST_RUNS, RUNS, SMALL, Timing

RUNG = Rung("r", identity="one")
SMALL_CELLS = SMALL[0] * SMALL[1]


class Machine:
    """Runs frames at so many milliseconds per thousand LR pixels."""

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self.seen: List[Any] = []
        self.told: List[str] = []
        self.costs = MeasuredCosts(
            CostTable({}, None), self.run, lambda rung: self.told.append(rung.name)
        )

    def run(self, rung: Rung, picture: Any) -> Timing:
        self.seen.append(picture.shape[:2])
        return Timing(self.speed * picture.shape[0] * picture.shape[1] / 1000)


def test_a_cost_is_what_frames_take() -> None:
    machine = Machine(0.5)
    assert abs(machine.costs.milliseconds(RUNG, 200_000) - 100) < 1e-6
    assert LARGE[0] in machine.seen


def test_a_rung_far_too_slow_is_measured_on_the_small_picture_alone() -> None:
    machine = Machine(5.0)
    assert machine.costs.milliseconds(RUNG, 200_000, limit=50) > 50
    assert set(machine.seen) == {SMALL}
    assert len(machine.seen) == RUNS + 1


def test_it_is_measured_closely_when_there_is_more_time() -> None:
    machine = Machine(5.0)
    machine.costs.milliseconds(RUNG, 200_000, limit=50)
    machine.costs.milliseconds(RUNG, 200_000, limit=2000)
    assert set(machine.seen) > {SMALL}


def test_what_is_known_is_not_measured_again() -> None:
    machine = Machine(0.5)
    machine.costs.milliseconds(RUNG, 1000)
    count = len(machine.seen)
    machine.costs.milliseconds(RUNG, 999_999)
    assert len(machine.seen) == count
    assert machine.told == ["r"]


def test_a_slow_machine_gets_a_smaller_picture_and_few_frames() -> None:
    machine = Machine(100.0)
    machine.costs.milliseconds(RUNG, 1000)
    assert set(machine.seen) == {SMALL, LARGE[-1]}
    assert machine.seen.count(LARGE[-1]) == RUNS + 1


def test_a_fast_machine_gets_more_frames_though_not_without_end() -> None:
    machine = Machine(0.001)
    machine.costs.milliseconds(RUNG, 1000)
    assert machine.seen.count(LARGE[0]) == MOST_RUNS + 1


def test_a_call_that_costs_the_same_for_any_size_does_not_rule_a_rung_out() -> None:
    machine = Machine(0.0)
    machine.run = lambda rung, picture: Timing(0.9)  # type: ignore[method-assign,assignment]
    costs = MeasuredCosts(CostTable({}, None), machine.run, lambda rung: None)
    # Ten times the small picture: 9 ms if all of its time went by its size.
    assert costs.milliseconds(RUNG, 10 * SMALL_CELLS, limit=2.0) < 2.0


def test_the_first_frame_is_left_out_and_the_median_taken() -> None:
    times = iter([1000.0, 2.0, 3.0, 400.0, 1000.0, 2.0, 3.0, 400.0, 1000.0, *[9.0] * MOST_RUNS])

    def run(rung: Rung, picture: Any) -> Timing:
        return Timing(next(times))

    costs = MeasuredCosts(CostTable({}, None), run, lambda r: None)
    costs.milliseconds(RUNG, 1000)
    cost = costs.table.get(RUNG)
    assert cost is not None
    assert (cost.small.ms, cost.large.ms) == (3.0, 9.0)
