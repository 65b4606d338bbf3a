"""Interleaved timing: contenders take turns, so that drift of the machine hits all alike."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Mapping, Sequence, Tuple

Run = Callable[[], Any]


@dataclass(frozen=True)
class Spread:
    """Median and quartiles of some values."""

    median: float
    low: float
    """Lower quartile."""
    high: float
    """Upper quartile."""

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Summarise at least one value."""
        if len(values) == 1:
            return cls(values[0], values[0], values[0])
        low, median, high = statistics.quantiles(values, n=4, method="inclusive")
        return cls(median, low, high)


def interleave(
    contenders: Mapping[str, Run], rounds: int, warmup: int = 2
) -> Tuple[Dict[str, List[float]], Dict[str, Any]]:
    """Time every contender once per round, each round beginning with another one.

    Returns:
        milliseconds per contender and round, and what each contender returned last.
    """
    names = list(contenders)
    results: Dict[str, Any] = {}
    for _ in range(warmup):
        for name in names:
            results[name] = contenders[name]()
    times: Dict[str, List[float]] = {name: [] for name in names}
    for turn in range(rounds):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            begin = time.perf_counter()
            results[name] = contenders[name]()
            times[name].append((time.perf_counter() - begin) * 1e3)
    return times, results


def ratios(times: Sequence[float], reference: Sequence[float]) -> Spread:
    """Return how many times as fast as `reference` something is, round by round."""
    return Spread.of([other / own for own, other in zip(times, reference)])
