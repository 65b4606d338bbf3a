"""Whether two series of times differ by more than they scatter."""

from __future__ import annotations

import math
from typing import NamedTuple, Sequence

import numpy as np
import numpy.typing as npt

RESAMPLES = 2000
CONFIDENCE = 0.95
LEAST = 0.01
"""A ratio nearer to 1 than this is called no difference, however little the times scatter."""
LEAST_TIMES = 5
"""Of fewer times nothing is known about their scatter, and any ratio may be noise."""


class Ratio(NamedTuple):
    """How much longer the second series takes."""

    value: float
    """Median of the second by median of the first; above 1 the second is slower."""
    low: float
    """The interval that holds it with a confidence of 95 %."""
    high: float

    @property
    def exceeds_noise(self) -> bool:
        """Whether the interval leaves out 1, and the ratio is not next to it."""
        return not self.low <= 1 <= self.high and abs(self.value - 1) > LEAST


def ratio_of_medians(first: Sequence[float], second: Sequence[float], seed: int = 0) -> Ratio:
    """Compare two series of times by their medians.

    The interval is that of a moving-block bootstrap (Kunsch 1989): both series are put together
    anew `RESAMPLES` times from blocks of ceil(sqrt(n)) successive times, and the middle 95 % of
    the ratios are kept. Blocks, since times of successive frames are alike: drawn one by one
    they would look more certain than they are. What changes from one run of the program to the
    next, and not within one, it cannot see. With fewer than `LEAST_TIMES` times the interval is
    everything.

    Args:
        first: at least one time above 0, in order.
        second: likewise.
        seed: of the drawing, so that a comparison can be repeated.
    """
    one, two = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    value = float(np.median(two) / np.median(one))
    if min(one.size, two.size) < LEAST_TIMES:
        return Ratio(value, 0.0, math.inf)
    rng = np.random.default_rng(seed)
    ratios = _medians(two, rng) / _medians(one, rng)
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(ratios, (tail, 100 - tail))
    return Ratio(value, float(low), float(high))


def _medians(values: npt.NDArray[np.float64], rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return the medians of `RESAMPLES` series that are made of blocks of `values`."""
    length = math.ceil(math.sqrt(values.size))
    within = np.arange(length)
    # One series after the other: all at once would take gigabytes for long ones.
    medians = np.empty(RESAMPLES)
    for number in range(RESAMPLES):
        starts = rng.integers(0, values.size - length + 1, math.ceil(values.size / length))
        places = (starts[:, None] + within).ravel()[: values.size]
        medians[number] = np.median(values[places])
    return medians
