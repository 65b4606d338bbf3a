"""The controller of the frame rate, against machines that are simulated."""

from __future__ import annotations

import numpy as np
import pytest

from pcsr_edge.runtime.video.pace import FIRST, GearModel, Pace, Point, report


def drive(pace, machine, frames):
    """Run frames on a machine: a function of frame number, gear and work."""
    for number in range(frames):
        pace.observe(machine(number, pace.gear, pace.work))
    return pace


def gear(light, heavy=None):
    """Return a gear; an adjustable one takes longest where nearly all is heavy."""
    if heavy is None:
        return GearModel((Point(0, light),))
    spread = heavy - light
    points = (0, light), (0.1, light + 0.2 * spread), (0.9, light + 1.1 * spread), (1, heavy)
    return GearModel(tuple(Point(*point) for point in points))


def gears():
    """Return an adjustable gear from 50 to 150 ms, and a fast one."""
    return [gear(50, 150), gear(10)]


@pytest.mark.parametrize("budget", range(50, 151, 4))
def test_the_work_for_a_budget_takes_it_wherever_it_lies(budget) -> None:
    model = gear(50, 150)
    work = model.work_for(budget)
    assert model.milliseconds(work) <= budget + 1e-9
    assert model.milliseconds(work) >= 0.99 * budget


def test_all_heavy_is_taken_where_it_fits_though_nearly_all_would_not() -> None:
    assert gear(50, 150).work_for(150) == 1.0
    assert gear(50, 150).work_for(149.9) < 0.9


def test_a_frame_nobody_sees_settles_the_first_one() -> None:
    pace = Pace(100, [gear(50, 150), gear(10)])
    wanted = pace.gears[0].milliseconds(pace.work)
    assert not pace.settle(1.5 * wanted)
    assert pace.gears[0].milliseconds(pace.work) == pytest.approx(100 * FIRST)
    assert pace.settle(400)
    assert (pace.gear, pace.times_ms, pace.shifts) == (1, [], [(0, 1)])


@pytest.mark.parametrize("spread", [0.02, 0.1])
@pytest.mark.parametrize("budget", [60, 70, 100, 140])
def test_a_budget_between_light_and_heavy_is_kept_and_used(budget, spread) -> None:
    noise = np.random.default_rng(1)

    def machine(number, gear, work):
        # Other than the pace believes at first, and slower in the second half.
        slow = 1.15 if number >= 150 else 1.0
        sorting = 15 * min(1, work / 0.1) * (work < 1)
        return slow * (45 + 110 * work + sorting) * noise.normal(1, spread)

    pace = drive(Pace(budget, gears()), machine, 300)
    found = report(budget, pace)
    assert found.kept >= 0.95
    assert found.used >= 0.85
    assert [shift.gear for shift in pace.shifts] == [0]


@pytest.mark.parametrize("budget", [70, 100, 140])
def test_a_machine_that_is_held_up_now_and_then_keeps_a_budget_too(budget) -> None:
    found = []
    for seed in range(20):
        noise = np.random.default_rng(seed)
        # Bursts of one to four frames take a tenth to three fifths longer: one in 33 begins one.
        held = np.zeros(300)
        for start in np.flatnonzero(noise.random(300) < 0.03):
            held[start : start + noise.integers(1, 5)] = noise.uniform(0.1, 0.6)

        def machine(number, gear, work, held=held, noise=noise):
            time = (52 + 100 * work) if gear == 0 else 10
            return time * (1 + held[number]) * np.exp(noise.normal(0, 0.08))

        found.append(report(budget, drive(Pace(budget, gears()), machine, 300)))
    assert np.mean([each.kept for each in found]) >= 0.95
    assert np.mean([each.used for each in found]) >= 0.85


def test_frames_of_equal_pixels_are_not_taken_for_a_faster_machine() -> None:
    pace = Pace(100, gears())
    for number in range(400):
        # In every other scene there is nothing to choose among.
        given = pace.work if number // 20 % 2 or pace.work == 1 else 0.0
        pace.observe(gear(50, 150).milliseconds(given), given)
    assert report(100, pace).kept == 1.0
    assert report(100, pace).work == pytest.approx(np.mean(pace.works))
    assert pace.works[0] == 0.0


def test_frames_that_no_gear_computes_count_on() -> None:
    pace = Pace(80, gears())
    pace.skip(200)
    assert pace.shifts == [(200, 0)]
    pace.observe(400)
    pace.skip()
    for _ in range(10):
        pace.observe(400)
    # Slow are frames 200 and 202 to 205.
    assert pace.shifts == [(200, 0), (206, 1)]
    assert (pace.frame, len(pace.times_ms)) == (212, 11)


def test_a_generous_budget_gets_all_the_work() -> None:
    pace = drive(Pace(400, gears()), lambda n, gear, work: 50 + 100 * work, 20)
    assert pace.work == 1.0


def test_what_cannot_be_kept_is_left_to_the_ladder() -> None:
    def machine(number, gear, work):
        return 80 + 100 * work if gear == 0 else 10

    pace = drive(Pace(60, gears()), machine, 30)
    assert [shift.gear for shift in pace.shifts] == [0, 1]


def test_one_slow_frame_changes_no_gear() -> None:
    def machine(number, gear, work):
        return 500 if number == 10 else 50 + 100 * work

    pace = drive(Pace(100, gears()), machine, 100)
    assert pace.shifts == [(0, 0)]


def test_the_better_gear_comes_back_when_there_is_room() -> None:
    def machine(number, gear, work):
        base = 120 if number < 50 else 50
        return base + 100 * work if gear == 0 else 10

    pace = drive(Pace(80, gears()), machine, 400)
    assert [shift.gear for shift in pace.shifts] == [0, 1, 0]


def test_a_gear_that_keeps_failing_is_tried_less_and_less() -> None:
    def machine(number, gear, work):
        return 120 if gear == 0 else 10

    pace = drive(Pace(80, gears()), machine, 3000)
    tries = [shift.frame for shift in pace.shifts if shift.gear == 0]
    waits = np.diff(tries)
    assert len(tries) < 10
    assert waits[-1] > 3 * waits[0]


def test_where_nothing_is_quick_enough_nothing_slower_is_tried() -> None:
    pace = drive(Pace(8, gears()), lambda number, gear, work: 50 if gear == 0 else 10, 1000)
    assert pace.shifts == [(0, 1)]


def test_a_gear_that_holds_again_is_trusted_again() -> None:
    def machine(number, gear, work):
        return 120 if gear == 0 and number < 200 else 10

    pace = drive(Pace(80, gears()), machine, 2000)
    pace = drive(pace, lambda number, gear, work: 120 if gear == 0 else 10, 60)
    begin = len(pace.times_ms)
    drive(pace, lambda number, gear, work: 10, 130)
    assert pace.gear == 0
    assert begin < pace.shifts[-1].frame < begin + 130


def test_the_first_gear_is_the_best_that_fits() -> None:
    slow = [gear(200, 250), gear(90, 140), gear(10)]
    assert Pace(100, slow).gear == 1
    assert Pace(5, slow).gear == 2


def test_a_report_counts_what_is_within_a_tenth() -> None:
    pace = Pace(100, [gear(50, 150)])
    for ms in (90, 109, 111, 90):
        pace.observe(ms)
    found = report(100, pace)
    assert (found.frames, found.kept, found.used) == (4, 0.75, 1.0)
    assert found.work == pytest.approx(sum(pace.works) / 4)
