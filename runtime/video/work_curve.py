"""How a frame's time follows from its work: the times of the engines, and what is left."""

from __future__ import annotations

from typing import Dict, List, Mapping, NamedTuple, Tuple

import numpy as np

from pcsr_edge.runtime.ladder.cost import Cost
from pcsr_edge.runtime.ladder.engine_table import EngineTable
from pcsr_edge.runtime.video.pace import Point
from pcsr_edge.runtime.work_share import SORTED_FROM

ENDS = (0.0, 1.0)
"""All light and all heavy: no pixel is sorted."""
BETWEEN = (SORTED_FROM, 0.9)
"""Where sorting is measured: less of the picture is sorted below the first, all from there on."""
WORKS = (ENDS[0], *BETWEEN, ENDS[1])
"""All that are measured, rising."""
STEPS = (0.0, 0.05, *(tenths / 10 for tenths in range(1, 10)), 1.0)
"""Works at which the curve is told."""


class _Parts(NamedTuple):
    """What a frame of some work takes, taken apart."""

    batches: Dict[str, float]
    """What each engine computes."""
    rest_ms: float
    """What its engines do not take: sorting, gathering, putting together."""


def work_curve(costs: Mapping[float, Cost], cells: int) -> Tuple[Point, ...]:
    """Predict what frames take at rising work.

    A frame takes what its engines take for their batches, by the table of this machine, and the
    rest. Batches and rest of a work that was not measured lie between those that were. Where
    engines cannot be told apart, on a device, all of a frame is rest.

    Args:
        costs: of measured frames, by their work, from 0 to 1.
        cells: LR pixels of the frames.
    """
    table = EngineTable(costs.values())
    works = sorted(costs)
    parts = [_taken_apart(costs[work], table, cells) for work in works]
    return tuple(Point(work, _between(work, works, parts, table)) for work in STEPS)


def _taken_apart(cost: Cost, table: EngineTable, cells: int) -> _Parts:
    batches = {
        name: times[-1].batch / cost.large.cells * cells for name, times in cost.engines.items()
    }
    return _Parts(batches, cost.milliseconds(cells) - _milliseconds(batches, table))


def _between(work: float, works: List[float], parts: List[_Parts], table: EngineTable) -> float:
    batches = {
        name: float(np.interp(work, works, [part.batches.get(name, 0.0) for part in parts]))
        for name in table.times
    }
    rest = float(np.interp(work, works, [part.rest_ms for part in parts]))
    return rest + _milliseconds(batches, table)


def _milliseconds(batches: Mapping[str, float], table: EngineTable) -> float:
    return sum(table.milliseconds(name, batch) for name, batch in batches.items())
