"""A table of costs as a machine might have them."""

from __future__ import annotations

from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.ladder.cost import Cost
from pcsr_edge.runtime.ladder.cost import Point as CostPoint
from pcsr_edge.runtime.ladder.cost_table import CostTable
from pcsr_edge.runtime.ladder.rung import rung_at_work
from pcsr_edge.runtime.video.work_curve import WORKS

CELLS = 24 * 20


def known(costs):
    """Return a table that knows what models take, by their work, for pictures of 24 x 20."""
    table = CostTable({"cpu": "fake"}, None)
    for model, times in costs.items():
        bundle = load_bundle(model)
        works = WORKS if len(times) > 1 else [None]
        for work, ms in zip(works, times):
            cost = Cost(CostPoint(CELLS // 2, ms / 2), CostPoint(CELLS, ms), "now")
            table.put(rung_at_work(bundle, 4.0, "fp32", work), cost)
    return table
