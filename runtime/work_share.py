"""Classes under a budget: the heavy upsamplers go to the hardest pixels, as far as they fit."""

from __future__ import annotations

from typing import Any, Sequence, Set

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.assignment import BINS

SORTED_FROM = 0.1
"""Share of work from which every query is sorted by difficulty. Sorting takes time whatever comes
of it: where there is less work to give, only a part of the picture is looked at."""
_STEPS = 60
"""Halvings of the interval of the multiplier: more than float64 can tell apart."""


def sorted_share(work: float) -> float:
    """Return the share of the picture that is sorted for a mean work of `work`, both 0 to 1."""
    return min(1.0, work / SORTED_FROM)


def busiest(blocks: Sequence[npt.NDArray[Any]], share: float) -> Set[int]:
    """Choose the parts of a picture in which there is most to see.

    Args:
        blocks: their pixels, RGB (h, w, 3).
        share: of the pixels that the chosen parts hold together at least, above 0.

    Returns:
        Their numbers; of equally busy ones the first.
    """
    sizes = np.array([block.shape[0] * block.shape[1] for block in blocks])
    order = np.argsort([-_activity(block) for block in blocks], kind="stable")
    enough = int(np.searchsorted(np.cumsum(sizes[order]), share * sizes.sum()))
    return {int(number) for number in order[: enough + 1]}


def _activity(block: npt.NDArray[Any]) -> float:
    """Return the mean step of green from one pixel of a row to the next."""
    if block.shape[1] < 2:
        return 0.0
    steps = np.diff(block[..., 1].astype(np.float32), axis=1)
    return float(np.abs(steps, out=steps).mean())


def class_works(flops: Sequence[float]) -> npt.NDArray[np.float64]:
    """Return what a query of each class costs, from 1 for the heaviest to 0 for the lightest.

    Args:
        flops: per query, by class, descending; or what else tells what a query costs.
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
    # Queries in each bin and those above it.
    above = np.concatenate([np.cumsum(counts[::-1])[::-1], [0]])
    low, high = 0.0, float(BINS)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if _mean_work(above, works, middle * prices) > share:
            low = middle
        else:
            high = middle
    bins = _edges(high * prices)
    # A value at the lower edge of a bin lies in it, and must be above the threshold.
    edges = np.nextafter((bins / BINS).astype(np.float32), np.float32(-1))
    # The last bin holds 1 as well, which must not be above a threshold at its end.
    edges[bins >= BINS] = np.inf
    return np.asarray(np.maximum.accumulate(edges[::-1])[::-1])


def _edges(limits: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return the first bin above each limit; heavier classes never begin below lighter ones."""
    bins = np.ceil(np.minimum(limits, 2.0) * BINS).astype(np.int64)
    return np.asarray(np.maximum.accumulate(bins[::-1])[::-1])


def _mean_work(
    above: npt.NDArray[np.int64], works: npt.NDArray[np.float64], limits: npt.NDArray[np.float64]
) -> float:
    # Queries at or above each edge; those between two edges have the class between.
    reached = above[np.minimum(_edges(limits), BINS)]
    classes = np.diff(np.concatenate([[0], reached, [above[0]]]))
    return float(classes @ works / max(above[0], 1))
