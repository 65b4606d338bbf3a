"""Classes of categories: what the rules say, found by steps."""

from __future__ import annotations

from itertools import product
from typing import Any, Tuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcsr_edge.runtime.patch_choice import (
    best_for_frame,
    paying,
    steps_by_gain,
    steps_by_loss,
    within_share,
)

CATEGORIES, CLASSES = 3, 4
ETAS = st.floats(0, 30)


@st.composite
def tables(draw: Any) -> Tuple[Any, Any, Any]:
    """Draw errors by category and class, costs, and the patches of a frame in each category."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    errors = rng.uniform(0, 300, (CATEGORIES, CLASSES)).round(draw(st.integers(-2, 3)))
    costs = np.sort(rng.uniform(0, 1, CLASSES).round(draw(st.integers(1, 3))))[::-1]
    counts = rng.integers(0, 5, CATEGORIES)
    counts[rng.integers(CATEGORIES)] += 1
    return errors, costs, counts


def decibels(errors: Any) -> Any:
    return -10 * np.log10(np.maximum(errors, 1e-3))


def frame(errors: Any, costs: Any, counts: Any, classes: Any) -> Tuple[float, float]:
    """Return PSNR, less a constant, and mean cost of a frame."""
    rows = np.arange(len(counts))
    error, cost = (counts @ v / counts.sum() for v in (errors[rows, classes], costs[classes]))
    return float(decibels(error)), float(cost)


@given(tables(), ETAS)
def test_no_choice_is_worth_more_to_a_frame(table: Any, eta: float) -> None:
    errors, costs, counts = table
    steps = steps_by_gain(-errors, costs)
    found = steps.choices(best_for_frame(steps, errors, costs, counts, eta))

    def value(classes: Any) -> float:
        psnr, cost = frame(errors, costs, counts, np.array(classes))
        return eta * psnr - cost

    best = max(map(value, product(range(CLASSES), repeat=CATEGORIES)))
    # Below 1e-3 an error counts as none here, and from another value on in the runtime.
    assert value(found) == pytest.approx(best, abs=1e-9) or errors.min() < 1e-3


@given(tables(), st.lists(ETAS, min_size=2, max_size=2))
def test_cost_and_psnr_of_a_frame_rise_with_eta(table: Any, etas: Any) -> None:
    errors, costs, counts = table
    steps = steps_by_gain(-errors, costs)
    numbers = [best_for_frame(steps, errors, costs, counts, eta) for eta in sorted(etas)]
    low, high = (frame(errors, costs, counts, steps.choices(n)) for n in numbers)
    assert (high[0] >= low[0] - 1e-9, high[1] >= low[1] - 1e-12) == (True, True)


@given(tables(), ETAS)
def test_arm_takes_the_greatest_gain_less_cost_of_each_category(table: Any, eta: float) -> None:
    errors, costs, _ = table
    psnr = decibels(errors)
    steps = steps_by_gain(psnr, costs)
    found = steps.choices(paying(steps, eta))
    values = eta * psnr - costs
    chosen = values[np.arange(CATEGORIES), found]
    np.testing.assert_allclose(chosen, values.max(axis=1), atol=1e-9)


@given(tables(), ETAS)
def test_wbsr_takes_the_cheapest_within_a_loss(table: Any, eta: float) -> None:
    errors, costs, _ = table
    psnr = decibels(errors)
    steps = steps_by_loss(psnr, costs)
    found = steps.choices(paying(steps, eta))
    for row, number in zip(psnr, found):
        good = eta * (row.max() - row) <= 1
        assert eta == 0 or good[number]
        assert costs[number] == (costs[good].min() if eta else costs.min())


@given(tables(), st.floats(0, 1))
def test_a_share_of_work_is_kept_and_no_step_more_fits(table: Any, share: float) -> None:
    errors, costs, counts = table
    steps = steps_by_gain(-errors, costs)
    number = within_share(steps, costs, counts, share)
    spent = [frame(errors, costs, counts, steps.choices(n))[1] for n in range(len(steps) + 1)]
    assert number == 0 or spent[number] <= share + 1e-6
    assert number == len(steps) or spent[number + 1] > share


def test_of_classes_that_cost_alike_the_better_is_taken() -> None:
    steps = steps_by_gain(np.array([[5.0, 3.0, 4.0, 2.0]]), np.array([1.0, 0.5, 0.5, 0.5]))
    assert [steps.choices(n).tolist() for n in range(len(steps) + 1)] == [[2], [0]]


def test_a_class_that_is_worse_than_a_mixture_is_left_out() -> None:
    steps = steps_by_gain(np.array([[9.0, 2.0, 0.0]]), np.array([1.0, 0.5, 0.0]))
    assert [steps.choices(n).tolist() for n in range(len(steps) + 1)] == [[2], [0]]


def test_a_frame_without_errors_keeps_to_the_cheapest() -> None:
    errors, costs = np.zeros((1, 3)), np.array([1.0, 0.5, 0.0])
    steps = steps_by_gain(-errors, costs)
    assert best_for_frame(steps, errors, costs, np.array([7]), 1e300) == 0
