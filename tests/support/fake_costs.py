"""Costs that tests make up."""

from __future__ import annotations

import math
from typing import Dict, List, Mapping

from pcsr_edge.runtime.ladder import Rung


class FakeCosts:
    """Milliseconds per thousand LR pixels by a rung's name."""

    def __init__(self, ms: Mapping[str, float], default: float = 1.0) -> None:
        self.ms: Dict[str, float] = dict(ms)
        self.default = default
        self.asked: List[str] = []
        """Names of the rungs whose cost was wanted."""

    def milliseconds(self, rung: Rung, cells: int, limit: float = math.inf) -> float:
        """See `Costs`."""
        self.asked.append(rung.name)
        return self.ms.get(rung.name, self.default) * cells / 1000
