"""Interleaved timing: contenders take turns, so that drift of the machine hits all alike."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Sequence

Run = Callable[[], Any]
SETTLE = 0.25
"""Seconds of rest before each run: the threads of some peers go on spinning after their own."""


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


class Rounds(NamedTuple):
    """What one contender took and returned, round by round."""

    wall: List[float]
    """Milliseconds on the clock."""
    cpu: List[float]
    """Milliseconds of processor time, of all threads; on a busy machine the fairer number."""
    results: List[Any]


def interleave(contenders: Mapping[str, Run], rounds: int, warmup: int = 1) -> Dict[str, Rounds]:
    """Time every contender once per round, each round beginning with another one."""
    names = list(contenders)
    for _ in range(warmup):
        for name in names:
            contenders[name]()
    taken = {name: Rounds([], [], []) for name in names}
    for turn in range(rounds):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            time.sleep(SETTLE)
            wall, cpu = time.perf_counter(), time.process_time()
            result = contenders[name]()
            taken[name].wall.append((time.perf_counter() - wall) * 1e3)
            taken[name].cpu.append((time.process_time() - cpu) * 1e3)
            # Pictures are all the same; of the others only the stage times differ.
            taken[name].results.append(getattr(result, "times", None))
            if turn == rounds - 1:
                taken[name].results.append(result)
    return taken


def ratios(times: Sequence[float], reference: Sequence[float]) -> Spread:
    """Return how many times as fast as `reference` something is, round by round."""
    return Spread.of([other / own for own, other in zip(times, reference)])
