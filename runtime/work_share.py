"""Classes under a budget: the heavy upsamplers go to the hardest pixels, as far as they fit."""

from __future__ import annotations

from typing import Sequence

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.assignment import BINS

_STEPS = 60
"""Halvings of the interval of the multiplier: more than float64 can tell apart."""


def class_works(flops: Sequence[float]) -> npt.NDArray[np.float64]:
    """Return what a query of each class costs, from 1 for the heaviest to 0 for the lightest.

    Args:
        flops: per query, by class, descending.
    """
    costs = np.asarray(flops, dtype=np.float64)
    spread = costs[0] - costs[-1]
    return np.asarray((costs - costs[-1]) / spread if spread > 0 else np.zeros(len(costs)))


def thresholds_for_work(
    counts: npt.NDArray[np.int64], works: npt.NDArray[np.float64], share: float
) -> npt.NDArray[np.float32]:
    """Find the difficulties between the classes that keep the mean work of a query at `share`.

    A query of difficulty d gains d times the logarithm of its class's work: what is hard gains
    most, and each further step less. The gain of all queries is greatest for a given work where
    each takes the class of greatest gain minus λ times its work; by concavity these classes are
    intervals of d, whose ends grow with the multiplier λ. It is found by bisection.

    Args:
        counts: histogram of difficulties over [0, 1].
        works: of `class_works`, descending.
        share: mean work of a query, from 0 (all light) to 1 (all heavy).

    Returns:
        float32 (M-1,), descending: class j holds d in (t_j, t_{j-1}]. The mean work is `share` or
        less, since queries of one bin stay together.
    """
    # The work of the lightest class is 0, whose logarithm is none.
    gains = np.log(works + 0.1)
    prices = (works[:-1] - works[1:]) / np.maximum(gains[:-1] - gains[1:], 1e-12)
    low, high = 0.0, float(BINS)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if _mean_work(counts, works, middle * prices) > share:
            low = middle
        else:
            high = middle
    bins = _edges(high * prices)
    # A value at the lower edge of a bin lies in it, and must be above the threshold.
    edges = np.nextafter((bins / BINS).astype(np.float32), np.float32(-1))
    return np.asarray(np.maximum.accumulate(edges[::-1])[::-1])


def _edges(limits: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return the first bin above each limit; heavier classes never begin below lighter ones."""
    bins = np.ceil(np.minimum(limits, 2.0) * BINS).astype(np.int64)
    return np.asarray(np.maximum.accumulate(bins[::-1])[::-1])


def _mean_work(
    counts: npt.NDArray[np.int64], works: npt.NDArray[np.float64], limits: npt.NDArray[np.float64]
) -> float:
    above = np.concatenate([np.cumsum(counts[::-1])[::-1], [0]])
    # Queries at or above each edge; those between two edges have the class between.
    reached = above[np.minimum(_edges(limits), BINS)]
    classes = np.diff(np.concatenate([[0], reached, [above[0]]]))
    return float(classes @ works / max(above[0], 1))
