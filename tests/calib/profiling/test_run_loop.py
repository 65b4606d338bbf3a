"""The run loop: warming up, turns, stopping."""

from __future__ import annotations

from typing import Any, List

import pytest
from support.fake_profile import FakeClock, FakeWorkload

from pcsr_edge.calib.profiling import StopRule, WarmUp, record

NONE = WarmUp(least_frames=0)


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that stands still."""
    return FakeClock()


def test_frames_stop_at_the_iterations(clock: FakeClock) -> None:
    (found,) = record([FakeWorkload([5.0], clock)], NONE, StopRule(7, 0.0), clock=clock)
    assert found.upscale_ms() == [5.0] * 7


def test_frames_stop_at_the_duration(clock: FakeClock) -> None:
    (found,) = record([FakeWorkload([250.0], clock)], NONE, StopRule(1, 1.0), clock=clock)
    assert len(found.frames) == 4


def test_the_time_of_others_does_not_count(clock: FakeClock) -> None:
    workloads = [FakeWorkload([250.0], clock), FakeWorkload([1000.0], clock)]
    one, other = record(workloads, NONE, StopRule(1, 1.0), clock=clock)
    assert (len(one.frames), len(other.frames)) == (4, 1)


def test_cases_take_turns_that_begin_with_another(clock: FakeClock) -> None:
    log: List[Any] = []
    a, b = FakeWorkload([1.0], clock, log), FakeWorkload([1.0], clock, log)
    record([a, b], NONE, StopRule(3, 0.0), clock=clock)
    assert log == [a, b, b, a, a, b]


def test_frames_are_dated(clock: FakeClock) -> None:
    (found,) = record([FakeWorkload([500.0], clock)], NONE, StopRule(3, 0.0), clock=clock)
    assert [timed.at_s for timed in found.frames] == [100.0, 100.5, 101.0]


def test_frames_that_warm_up_stand_apart(clock: FakeClock) -> None:
    times = [90.0, 30.0, 30.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0]
    (found,) = record([FakeWorkload(times, clock)], WarmUp(), StopRule(5, 0.0), clock=clock)
    assert found.first_ms == 90.0
    assert found.upscale_ms() == [10.0] * 5
    assert [frame.upscale_ms for frame in found.warm_up] == times[:-1]
    assert found.steady


def test_without_warm_up_the_first_frame_is_the_first_that_counts(clock: FakeClock) -> None:
    (found,) = record([FakeWorkload([90.0, 10.0], clock)], NONE, StopRule(2, 0.0), clock=clock)
    assert (found.first_ms, found.warm_up, found.steady) == (90.0, [], True)


def test_giving_up_is_told(clock: FakeClock) -> None:
    times = [1.5**i for i in range(60)]
    rule = WarmUp(most_frames=10)
    (found,) = record([FakeWorkload(times, clock)], rule, StopRule(1, 0.0), clock=clock)
    assert len(found.warm_up) == 10
    assert not found.steady


def test_every_frame_is_reported(clock: FakeClock) -> None:
    seen: List[Any] = []
    workloads = [FakeWorkload([1.0], clock), FakeWorkload([1.0], clock)]
    rule = WarmUp(most_frames=2)
    record(workloads, rule, StopRule(1, 0.0), clock=clock, on_frame=lambda *it: seen.append(it))
    warm = [(0, False), (0, False), (1, False), (1, False)]
    assert seen == [*warm, (0, True), (1, True)]
