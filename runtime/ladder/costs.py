"""The costs of rungs: from the table of this machine, else measured and put there."""

from __future__ import annotations

import math
from typing import Callable

from pcsr_edge.runtime.ladder.cost import Cost
from pcsr_edge.runtime.ladder.cost_table import CostTable
from pcsr_edge.runtime.ladder.probe import RunFrame, full_cost, rough_cost
from pcsr_edge.runtime.ladder.rung import Rung

CALL_MS = 1.0
"""Of the time of the small picture, so much may have nothing to do with its size."""
DOUBT = 3.0
"""How many times too long the small picture makes a large one look, at most, beside that."""


class MeasuredCosts:
    """Measures lazily: a rung that a small picture shows to be far too slow is left at that.

    Args:
        table: what is known, and where it is kept.
        run_frame: runs a rung; only called for what the table lacks.
        on_measurement: told before a rung is measured.
    """

    def __init__(
        self, table: CostTable, run_frame: RunFrame, on_measurement: Callable[[Rung], None]
    ) -> None:
        self.table, self._run_frame, self._tell = table, run_frame, on_measurement

    def milliseconds(self, rung: Rung, cells: int, limit: float = math.inf) -> float:
        """Return the time of a frame of so many LR pixels; rough where beyond `limit`."""
        cost = self.table.get(rung)
        if cost is None:
            self._tell(rung)
            cost = rough_cost(rung, self._run_frame)
            self.table.put(rung, cost)
        if cost.is_rough and _least(cost, cells) <= limit:
            cost = full_cost(rung, self._run_frame, cost)
            self.table.put(rung, cost)
        return cost.milliseconds(cells)


def _least(rough: Cost, cells: int) -> float:
    """Return what a frame takes at least, going by the small picture alone."""
    return max(0.0, rough.small.ms - CALL_MS) * cells / rough.small.cells / DOUBT
