"""The ladder of fallbacks: the rungs of a scale, what they cost here, the choice among them."""

from __future__ import annotations

from pcsr_edge.runtime.ladder.ladder import Choice, Costs, Ladder
from pcsr_edge.runtime.ladder.rung import Rung, rungs_for

__all__ = ["Choice", "Costs", "Ladder", "Rung", "rungs_for"]
