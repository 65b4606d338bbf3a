"""What the engines of a model take on this machine, by their batch size."""

from __future__ import annotations

from typing import Dict, Iterable, List, Mapping, Tuple

import numpy as np

from pcsr_edge.runtime.ladder.cost import BatchTime, Cost


class EngineTable:
    """The measured times of each engine, from frames of several sizes and settings.

    Args:
        costs: of frames of one model.
    """

    def __init__(self, costs: Iterable[Cost]) -> None:
        found: Dict[str, List[BatchTime]] = {}
        for cost in costs:
            for name, times in cost.engines.items():
                found.setdefault(name, []).extend(times)
        self.times: Mapping[str, Tuple[BatchTime, ...]] = {
            name: _by_batch(times) for name, times in found.items()
        }
        """Of each engine, by rising batch size."""

    def milliseconds(self, engine: str, batch: float) -> float:
        """Return what a batch takes: between two that were measured on the line through them.

        Beyond the largest each query takes as long as there, rather too long: what a call costs
        whatever its size is counts once more.

        Args:
            engine: one of `times`.
            batch: queries or LR pixels, from 0.
        """
        sizes, times = zip(BatchTime(0, 0.0), *self.times[engine])
        if batch > sizes[-1]:
            return float(times[-1] * batch / sizes[-1])
        return float(np.interp(batch, sizes, times))


def _by_batch(times: Iterable[BatchTime]) -> Tuple[BatchTime, ...]:
    """Return one time of each batch size: the mean where several frames had it.

    No batch takes longer than a larger one: other work on the machine made it look so, and would
    bend the curve of frames between.
    """
    grouped: Dict[int, List[float]] = {}
    for batch, ms in times:
        grouped.setdefault(batch, []).append(ms)
    sizes = sorted(grouped)
    means = np.array([sum(grouped[size]) / len(grouped[size]) for size in sizes])
    rising = np.minimum.accumulate(means[::-1])[::-1].tolist()
    return tuple(map(BatchTime, sizes, rising))


def class_prices(costs: Iterable[Cost]) -> Tuple[float, ...]:
    """Return what a class's engines take of a frame all of that class, per LR pixel; falling.

    What engines take that every class needs, such as a backbone, is not counted.

    Args:
        costs: of frames all of one class, one of each, the heaviest first.

    Returns:
        Milliseconds. None is above the one before, so that other work on the machine cannot make
        a light class look dearer than a heavy one. All 0 where engines cannot be told apart.
    """
    listed = list(costs)
    shared = set.intersection(*(set(cost.engines) for cost in listed))
    own = [
        sum(times[-1].ms for name, times in cost.engines.items() if name not in shared)
        / cost.large.cells
        for cost in listed
    ]
    return tuple(np.minimum.accumulate(own).tolist())
