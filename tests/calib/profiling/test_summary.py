"""Summaries are what a reader of statistics expects."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcsr_edge.calib.profiling import Summary

TIMES = st.lists(st.floats(0.001, 1e6), min_size=1, max_size=50)


def test_known_numbers() -> None:
    found = Summary.of([4.0, 1.0, 3.0, 2.0, 5.0])
    assert (found.n, found.mean, found.min, found.p50, found.max) == (5, 3.0, 1.0, 3.0, 5.0)
    assert found.stdev == pytest.approx(statistics.stdev([1, 2, 3, 4, 5]))
    assert found.p90 == pytest.approx(4.6)
    assert found.variation == pytest.approx(math.sqrt(2.5) / 3)


def test_a_lone_value_scatters_not() -> None:
    assert Summary.of([7.0]) == Summary(1, 7.0, 0.0, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0)


def test_no_mean_no_variation() -> None:
    assert Summary.of([0.0, 0.0]).variation == 0.0


@given(TIMES)
def test_percentiles_rise_between_the_extremes(times: list) -> None:  # type: ignore[type-arg]
    found = Summary.of(times)
    rising = [found.min, found.p50, found.p90, found.p95, found.p99, found.max]
    assert rising == sorted(rising)
    assert found.p50 == pytest.approx(float(np.median(times)))


def test_json_is_rounded() -> None:
    assert Summary.of([1 / 3]).as_dict()["mean"] == 0.3333
    assert Summary.of([1 / 3]).as_dict()["n"] == 1
