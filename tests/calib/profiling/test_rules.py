"""When warming up ends, and when measuring does."""

from __future__ import annotations

import pytest

from pcsr_edge.calib.profiling import StopRule, WarmUp

STEADY = [10.0, 10.2, 9.9, 10.1, 10.0, 10.1]


def test_equal_times_are_steady() -> None:
    assert WarmUp().is_steady(STEADY)


def test_falling_times_are_not() -> None:
    assert not WarmUp().is_steady([20.0, 18.0, 16.0, 14.0, 12.0, 10.0])


def test_rising_times_are_not() -> None:
    assert not WarmUp().is_steady([10.0, 10.0, 10.0, 11.0, 11.0, 11.0])


def test_one_outlier_does_not_disturb() -> None:
    assert WarmUp().is_steady([10.0, 10.0, 30.0, 10.0, 10.0, 30.0])


def test_few_frames_are_never_steady() -> None:
    assert not WarmUp().is_steady(STEADY[:5])


def test_the_first_frame_does_not_count() -> None:
    assert not WarmUp().is_over(STEADY, 0.06)
    assert WarmUp().is_over([500.0, *STEADY], 0.56)


def test_least_frames_are_kept() -> None:
    assert not WarmUp(least_frames=8).is_over([500.0, *STEADY], 0.56)
    assert WarmUp(least_frames=8).is_over([500.0, *STEADY, 10.0], 0.57)


@pytest.mark.parametrize(("frames", "seconds"), [(50, 1.0), (2, 10.0)])
def test_restless_times_are_given_up(frames: int, seconds: float) -> None:
    times = [10.0 * 1.5**i for i in range(frames)]
    assert WarmUp().is_over(times, seconds)
    assert not WarmUp().is_over(times[:-1], seconds - 0.5)


def test_no_warm_up_where_none_is_wanted() -> None:
    assert WarmUp(least_frames=0).is_over([], 0.0)


@pytest.mark.parametrize(
    ("frames", "seconds", "done"),
    [(20, 3.0, True), (19, 300.0, False), (2000, 2.9, False), (21, 3.1, True)],
)
def test_the_later_of_frames_and_seconds_ends(frames: int, seconds: float, done: bool) -> None:
    assert StopRule(20, 3.0).is_done(frames, seconds) is done
