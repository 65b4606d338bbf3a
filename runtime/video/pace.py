"""Keeps a frame rate: how much work each frame may have, and when to change the rung.

A gear is a model at work. One with classes is adjustable: the time of a frame is about
`light + work * spread`, whatever the frame shows, since the hardest pixels that fit get the heavy
classes (`runtime/work_share.py`). The pace learns both numbers from the frames it sees.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import List, NamedTuple, Sequence

MARGIN = 0.96
"""Share of the budget that is aimed at: the rest is for what varies from frame to frame."""
GAIN = 0.3
"""How fast the model of a gear follows what is measured."""
PATIENCE_DOWN = 3
"""Frames in a row that are too slow at the least work before the next gear is taken."""
PATIENCE_UP = 40
"""Frames in a row in which the gear above would fit before it is tried again."""
MOST_PATIENCE = 40 * 2**6
ROOM = 0.85
"""Share of the budget that the gear above must stay within to be tried."""
FORGET = 0.99
"""How the time of the gear above is believed to fall per frame while it cannot be measured: what
made it slow may be over."""


class Shift(NamedTuple):
    """A change of gear."""

    frame: int
    """Number of the first frame in it."""
    gear: int


@dataclass
class GearModel:
    """What is known of a gear's time."""

    light_ms: float
    """Milliseconds of a frame at the least work."""
    spread_ms: float
    """Milliseconds that all the work adds; 0 for a gear that cannot be adjusted."""

    _errors: List[float] = field(default_factory=list)

    def learn(self, work: float, ms: float) -> None:
        """Follow a measured frame; one that other work on the machine held up counts little."""
        self._errors = [*self._errors[-2:], ms - self.light_ms - work * self.spread_ms]
        error = GAIN * statistics.median_low(self._errors)
        if self.spread_ms == 0:
            self.light_ms += error
            return
        share = work / (1 + work * work)
        self.light_ms = max(0.0, self.light_ms + error * (1 - share))
        self.spread_ms = max(1e-3, self.spread_ms + error * share)

    def work_for(self, budget_ms: float) -> float:
        """Return the work that takes so long: 0 to 1."""
        if self.spread_ms == 0:
            return 0.0
        return min(1.0, max(0.0, (budget_ms - self.light_ms) / self.spread_ms))


@dataclass
class Pace:
    """The controller; it knows no engine and no clock.

    Args:
        budget_ms: milliseconds for a frame.
        gears: what they take, best first; at least one.
    """

    budget_ms: float
    gears: List[GearModel]
    gear: int = 0
    """The present one."""
    work: float = 0.0
    """Of the next frame, in the present gear."""
    times_ms: List[float] = field(default_factory=list)
    """Of every frame so far."""
    shifts: List[Shift] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._slow = self._easy = 0
        self._patience = PATIENCE_UP
        fitting = (g for g, model in enumerate(self.gears) if model.light_ms <= self.budget_ms)
        last = min(range(len(self.gears)), key=lambda g: self.gears[g].light_ms)
        self._take(next(fitting, last))

    def observe(self, ms: float) -> None:
        """Tell what the frame just done took; `gear` and `work` are then those of the next."""
        self.times_ms.append(ms)
        model = self.gears[self.gear]
        model.learn(self.work, ms)
        self.work = model.work_for(MARGIN * self.budget_ms)
        self._slow = self._slow + 1 if model.light_ms > self.budget_ms else 0
        if self._slow >= PATIENCE_DOWN and self.gear + 1 < len(self.gears):
            self._take(self._next_faster())
            # Each failure of the gear above makes the next attempt later.
            self._patience = min(MOST_PATIENCE, 2 * self._patience)
        elif self.gear > 0:
            self._look_up()

    def _next_faster(self) -> int:
        own = self.gears[self.gear].light_ms
        below = range(self.gear + 1, len(self.gears))
        return next((g for g in below if self.gears[g].light_ms < own), self.gear)

    def _look_up(self) -> None:
        above = self.gears[self.gear - 1]
        above.light_ms *= FORGET
        fits = above.light_ms <= ROOM * self.budget_ms
        self._easy = self._easy + 1 if fits else 0
        if self._easy >= self._patience:
            self._take(self.gear - 1)

    def _take(self, gear: int) -> None:
        if gear != self.gear or not self.shifts:
            self.shifts.append(Shift(len(self.times_ms), gear))
        self.gear, self._slow, self._easy = gear, 0, 0
        self.work = self.gears[gear].work_for(MARGIN * self.budget_ms)


class PaceReport(NamedTuple):
    """How well a budget was kept."""

    frames: int
    kept: float
    """Share of the frames within the budget and a tenth."""
    used: float
    """Mean time of a frame by the budget."""


def report(budget_ms: float, times_ms: Sequence[float]) -> PaceReport:
    """Sum up the times of frames."""
    if not times_ms:
        return PaceReport(0, 1.0, 0.0)
    kept = sum(ms <= 1.1 * budget_ms for ms in times_ms) / len(times_ms)
    return PaceReport(len(times_ms), kept, sum(times_ms) / len(times_ms) / budget_ms)
