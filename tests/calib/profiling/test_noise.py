"""Ratios exceed the noise only where they do."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pcsr_edge.calib.profiling import ratio_of_medians


def noisy(median: float, seed: int, n: int = 60) -> list:  # type: ignore[type-arg]
    """Return times around a median."""
    return list(median * np.exp(np.random.default_rng(seed).normal(0, 0.05, n)))


def test_ratio_is_that_of_the_medians() -> None:
    assert ratio_of_medians([1, 2, 3, 4, 100], [6, 6, 6, 6, 6]).value == 2.0


def test_a_large_difference_exceeds_the_noise() -> None:
    found = ratio_of_medians(noisy(10, 0), noisy(12, 1))
    assert found.exceeds_noise
    assert found.low < 1.2 < found.high


def test_the_interval_mostly_holds_the_truth() -> None:
    # 95 of 100 are promised; blocks of 8 in 60 times keep a little less.
    intervals = [ratio_of_medians(noisy(10, 2 * s), noisy(10, 2 * s + 1), s) for s in range(40)]
    assert sum(r.low <= 1 <= r.high for r in intervals) >= 34


def test_a_long_disturbance_widens_the_interval() -> None:
    # Thirty frames that were disturbed together are one event, not thirty.
    quiet, disturbed = noisy(10, 3), noisy(10, 4)
    disturbed[20:50] = [1.1 * ms for ms in disturbed[20:50]]
    mixed = list(np.random.default_rng(0).permutation(disturbed))
    together, apart = (ratio_of_medians(quiet, times) for times in (disturbed, mixed))
    assert together.value == pytest.approx(apart.value)
    assert together.high - together.low > 1.2 * (apart.high - apart.low)


def test_a_tiny_difference_is_none_however_sure() -> None:
    found = ratio_of_medians([100.0] * 20, [100.5] * 20)
    assert found.low > 1
    assert not found.exceeds_noise


@pytest.mark.parametrize("n", [1, 4])
def test_few_times_prove_nothing(n: int) -> None:
    found = ratio_of_medians([1.0] * n, [2.0] * n)
    assert (found.value, found.low, found.high) == (2.0, 0.0, math.inf)
    assert not found.exceeds_noise


def test_a_comparison_can_be_repeated() -> None:
    assert ratio_of_medians(noisy(10, 5), noisy(11, 6)) == ratio_of_medians(
        noisy(10, 5), noisy(11, 6)
    )
