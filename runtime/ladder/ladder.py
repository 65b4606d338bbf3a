"""The ordered fallbacks of a scale, and the choice among them by their cost."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Dict, Optional, Protocol, Sequence, Tuple

from pcsr_edge.runtime.ladder.rung import Rung

SMOOTHING = 0.25
"""Weight of a new observation against all before."""


class Costs(Protocol):
    """Knows what rungs cost; tests bring numbers of their own."""

    def milliseconds(self, rung: Rung, cells: int, limit: float = math.inf) -> float:
        """Return the time of a frame of so many LR pixels.

        Beyond `limit` the value may be rough, as long as it is beyond `limit` as well.
        """


@dataclass(frozen=True)
class Choice:
    """A rung for a size and a budget."""

    rung: Rung
    predicted_ms: Optional[float]
    """Expected time of a frame; None where no budget was given, and nothing measured."""
    budget_ms: Optional[float]
    fits: bool
    """Whether the budget is kept; where no rung keeps it, the fastest is taken."""
    alone: bool = False
    """Whether the ladder has no other rung."""
    considered: Tuple[Tuple[Rung, float], ...] = ()
    """The rungs that were looked at, best first, and their milliseconds; rough where far beyond
    the budget."""
    hindrance: Optional[str] = None
    """Why no engine can run here, so that bicubic was taken; None where one can."""


class Ladder:
    """The rungs of one scale, best first.

    A rung that is both slower and worse than another is never chosen nor stepped to.

    Args:
        rungs: at least one, by falling quality.
        costs: asked lazily, only for the rungs that come into question.
    """

    def __init__(self, rungs: Sequence[Rung], costs: Costs) -> None:
        self.rungs: Tuple[Rung, ...] = tuple(rungs)
        self._costs = costs
        self._ratios: Dict[Rung, float] = {}

    def rung_for(self, size: Tuple[int, int], budget_ms: Optional[float]) -> Choice:
        """Return the best rung whose frame of `size` fits into the budget.

        Args:
            size: (h, w) of the LR frame.
            budget_ms: milliseconds for a frame; None takes the best rung, and measures nothing.
        """
        alone = len(self.rungs) == 1
        if budget_ms is None:
            return Choice(self.rungs[0], None, None, True, alone)
        times: Dict[Rung, float] = {}
        for rung in self.rungs:
            times[rung] = self.predicted(rung, size, budget_ms)
            if times[rung] <= budget_ms:
                return Choice(rung, times[rung], budget_ms, True, alone, tuple(times.items()))
        fastest = min(self.rungs, key=lambda rung: times[rung])
        return Choice(fastest, times[fastest], budget_ms, False, alone, tuple(times.items()))

    def predicted(self, rung: Rung, size: Tuple[int, int], limit: float = math.inf) -> float:
        """Return the expected milliseconds of a frame of `size` (h, w), as far as observed.

        A value beyond `limit` may be rough.
        """
        ratio = self._ratios.get(rung, 1.0)
        return ratio * self._costs.milliseconds(rung, size[0] * size[1], limit / ratio)

    def observe(self, rung: Rung, size: Tuple[int, int], ms: float) -> None:
        """Tell what a frame of `size` (h, w) took, so that predictions follow the pictures.

        Leave out the first frame of an engine, which warms it up.
        """
        ratio = ms / self._costs.milliseconds(rung, size[0] * size[1])
        before = self._ratios.get(rung)
        self._ratios[rung] = ratio if before is None else before + SMOOTHING * (ratio - before)

    def step_down(self, rung: Rung, size: Tuple[int, int]) -> Rung:
        """Return the best rung that is faster than `rung`; `rung` itself where none is."""
        own = self.predicted(rung, size)
        below = self.rungs[self.rungs.index(rung) + 1 :]
        return next((r for r in below if self.predicted(r, size, own) < own), rung)

    def step_up(self, rung: Rung, size: Tuple[int, int]) -> Rung:
        """Return the fastest rung that is better than `rung`; `rung` itself where none is."""
        best, least = rung, math.inf
        for better in self.rungs[: self.rungs.index(rung)]:
            ms = self.predicted(better, size, least)
            if ms < least:
                best, least = better, ms
        return best

    def steps(self, size: Tuple[int, int]) -> Tuple[Rung, ...]:
        """Return the rungs that can be chosen at `size` (h, w), best first; measures them all."""
        kept = [self.rungs[0]]
        while True:
            lower = self.step_down(kept[-1], size)
            if lower == kept[-1]:
                return tuple(kept)
            kept.append(lower)
