"""Which class each category of patches gets: from the cheapest up, by steps as long as they pay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Tuple

import numpy as np
import numpy.typing as npt

Choices = npt.NDArray[np.uint8]
"""The class of each category."""
Counts = npt.NDArray[np.int64]
"""Patches of a frame in each category."""
Values = npt.NDArray[np.float64]
MOST_ETA = 1e9
"""Beyond it costs no longer count."""
LEAST_ERROR = 255**2 * 1e-8
"""Squared error that counts as none: 80 dB."""


@dataclass(frozen=True)
class Steps:
    """Steps to a better class of one category each, those that pay most first."""

    start: Choices
    """The cheapest class of each category."""
    category: npt.NDArray[np.int64]
    """Of each step."""
    before: npt.NDArray[np.int64]
    """The class that it leaves."""
    after: npt.NDArray[np.int64]
    """The class that it leads to."""
    worth: Values
    """What it pays by the rule, falling."""

    def __len__(self) -> int:
        return len(self.worth)

    def choices(self, count: int) -> Choices:
        """Return the class of each category after the first `count` steps."""
        found = self.start.copy()
        # Of several steps of a category the last one stands.
        found[self.category[:count]] = self.after[:count]
        return found

    def sums(self, values: Values, counts: Counts) -> Values:
        """Return the sum of `values` over a frame's patches after 0, 1, … all steps.

        Args:
            values: by category and class.
            counts: patches of the frame in each category.
        """
        rows = np.arange(len(counts))
        first = float(counts @ values[rows, self.start])
        change = values[self.category, self.after] - values[self.category, self.before]
        return np.concatenate([[first], first + np.cumsum(counts[self.category] * change)])


def steps_by_gain(values: Values, costs: Values) -> Steps:
    """Order steps by what is gained per cost; a frame gains most by the first ones.

    Of each category only classes on the upper hull of gain over cost are stepped on: any other is
    worse than a mixture of two of them.

    Args:
        values: by category and class, the more the better.
        costs: by class.
    """
    order = _cheapest_first(costs)
    found = [_hull(row, costs, order) for row in values]
    return _ordered(found)


def steps_by_loss(psnr: Values, costs: Values) -> Steps:
    """Order steps by the dB that the class they leave is below the category's best one (WBSR).

    Args:
        psnr: by category and class.
        costs: by class.
    """
    order = _cheapest_first(costs)
    found = []
    for row in psnr:
        path = [int(order[0])]
        for number in map(int, order[1:]):
            if row[number] > row[path[-1]]:
                path.append(number)
        found.append((path, [float(row.max() - row[left]) for left in path[:-1]]))
    return _ordered(found)


def paying(steps: Steps, eta: float) -> int:
    """Return how many steps are worth more than 1/eta."""
    return int(np.count_nonzero(steps.worth * min(eta, MOST_ETA) > 1))


def best_for_frame(steps: Steps, errors: Values, costs: Values, counts: Counts, eta: float) -> int:
    """Return after how many steps eta times the frame's PSNR less the mean cost is greatest.

    Args:
        steps: by gain of squared error.
        errors: mean squared error by category and class, of values 0…255.
        costs: by class.
        counts: patches of the frame in each category, one at least.
        eta: what a dB of the frame is worth, in costs; from 0.
    """
    total = counts.sum()
    error = np.maximum(steps.sums(errors, counts) / total, LEAST_ERROR)
    cost = steps.sums(np.broadcast_to(costs, errors.shape), counts) / total
    # Of equally good numbers the first, which is the cheapest.
    return int(np.argmax(-min(eta, MOST_ETA) * 10 * np.log10(error) - cost))


def within_share(steps: Steps, costs: Values, counts: Counts, share: float) -> int:
    """Return how many steps keep the mean cost of a frame's patches at most at `share`; 0 or more.

    Args:
        steps: to be taken in their order.
        costs: by class.
        counts: patches of the frame in each category, one at least.
        share: of the widest subnet's cost.
    """
    cost = steps.sums(np.broadcast_to(costs, (len(counts), len(costs))), counts)
    # Sums of shares are rounded; a frame that takes all of 1 must get all steps.
    allowed = share * counts.sum() * (1 + 1e-9)
    return max(0, int(np.searchsorted(cost, allowed, side="right")) - 1)


def _cheapest_first(costs: Values) -> npt.NDArray[np.int64]:
    return np.asarray(np.argsort(costs, kind="stable"), dtype=np.int64)


def _hull(
    row: Values, costs: Values, order: npt.NDArray[np.int64]
) -> Tuple[List[int], List[float]]:
    """Return the classes of a category from cheap to good, and what each step gains per cost."""
    free = [number for number in map(int, order) if costs[number] == costs[order[0]]]
    path = [max(free, key=lambda number: float(row[number]))]
    worth: List[float] = []
    for number in map(int, order[len(free) :]):
        if row[number] <= row[path[-1]]:
            continue
        while len(path) > 1 and _gain(row, costs, path[-1], number) >= worth[-1]:
            path.pop()
            worth.pop()
        worth.append(_gain(row, costs, path[-1], number))
        path.append(number)
    return path, worth


def _gain(row: Values, costs: Values, before: int, after: int) -> float:
    cost = float(costs[after] - costs[before])
    # Two classes of one cost: the worse one, which came first, is left out.
    return float(row[after] - row[before]) / cost if cost > 0 else np.inf


def _ordered(found: List[Tuple[List[int], List[float]]]) -> Steps:
    start = np.array([path[0] for path, _ in found], dtype=np.uint8)
    steps = np.array(
        [
            (category, *step)
            for category, (path, _) in enumerate(found)
            for step in zip(path, path[1:])
        ],
        dtype=np.int64,
    ).reshape(-1, 3)
    worth = np.array([value for _, values in found for value in values], dtype=np.float64)
    order = np.argsort(-worth, kind="stable")
    return Steps(start, steps[order, 0], steps[order, 1], steps[order, 2], worth[order])
