"""Keeps a frame rate: how much work each frame may have, and when to change the rung.

A gear is a model at work. One with classes is adjustable: the time of a frame follows from its
work alone, whatever it shows, since the hardest pixels that fit get the heavy classes
(`runtime/work_share.py`). How it follows is measured on the machine; the pace learns by what
factor the frames it sees differ.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import List, NamedTuple, Optional, Tuple

import numpy as np

MARGINS = (0.85, 0.96)
"""Least and greatest share of the budget that is aimed at: the rest is for what varies from frame
to frame. Where too many frames come late, it is less."""
FIRST = 0.92
"""Share that is aimed at while it is not known how much varies: below the greatest, since a film
may be over before it is."""
LATE = 0.02
"""Share of the frames that may come late before less is aimed at: less than may in the end, since
what holds a machine up comes in bursts."""
CAUTION = 0.02
"""By how much less with each frame that comes late."""
GAIN = 0.3
"""How fast the model of a gear follows what is measured."""
PATIENCE_DOWN = 5
"""Frames in a row that are too slow at the least work before the next gear is taken."""
TOLERANCE = 1.1
"""Budgets that a frame may take and still count as in time: only beyond it is a gear too slow."""
PATIENCE_UP = 40
"""Frames in a row in which the gear above would fit before it is tried again."""
MOST_PATIENCE = 40 * 2**6
ROOM = 0.95
"""Share of the budget that the gear above must stay within to be tried."""
FORGET = 0.99
"""How the time of the gear above is believed to fall per frame while it cannot be measured: what
made it slow may be over."""


class Shift(NamedTuple):
    """A change of gear."""

    frame: int
    """Number of the first frame in it."""
    gear: int


class Point(NamedTuple):
    """What a frame takes at a share of work."""

    work: float
    """0 (all light) to 1 (all heavy)."""
    ms: float


@dataclass
class GearModel:
    """What is known of a gear's time: a curve over its work, times what frames make of it.

    Args:
        curve: by ascending work, the first at 0 and the last at 1; one point for a gear that
            cannot be adjusted.
        ratio: of the measured times to the curve.
    """

    curve: Tuple[Point, ...]
    ratio: float = 1.0

    def __post_init__(self) -> None:
        self._seen: List[float] = []

    @property
    def least_ms(self) -> float:
        """Milliseconds of a frame at the least work."""
        return self.ratio * self.curve[0].ms

    def milliseconds(self, work: float) -> float:
        """Predict the time of a frame."""
        works, times = zip(*self.curve)
        return self.ratio * float(np.interp(work, works, times))

    def learn(self, work: float, ms: float) -> None:
        """Follow a measured frame; one that other work on the machine held up counts little."""
        self._seen = [*self._seen[-2:], ms * self.ratio / self.milliseconds(work)]
        self.ratio += GAIN * (statistics.median_low(self._seen) - self.ratio)

    def settle(self, work: float, ms: float) -> None:
        """Take a measured frame for what frames take."""
        self.ratio *= ms / self.milliseconds(work)

    def work_for(self, budget_ms: float) -> float:
        """Return the most work that takes no longer: 0 to 1."""
        if len(self.curve) == 1:
            return 0.0
        if self.ratio * self.curve[-1].ms <= budget_ms:
            # All heavy needs no sorting, and may take less than nearly all.
            return 1.0
        works, times = zip(*self.curve[:-1])
        rising = np.maximum.accumulate(times)
        return float(np.interp(budget_ms / self.ratio, rising, works))


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
    """Most of the next frame, in the present gear."""
    frame: int = 0
    """Number of the next frame."""
    times_ms: List[float] = field(default_factory=list)
    """Of every frame that was computed so far."""
    works: List[float] = field(default_factory=list)
    """What they had; 0 in a gear that cannot be adjusted."""
    shifts: List[Shift] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._slow = self._easy = self._calm = self._failed = 0
        self._patience, self._margin = PATIENCE_UP, FIRST
        self._take(self._best())

    def settle(self, ms: float) -> bool:
        """Tell what a frame took that nobody sees, and counts as none; return if the gear changed.

        Such a frame tells what the first one will take.
        """
        self.gears[self.gear].settle(self.work, ms)
        before = self.gear
        self.shifts.clear()
        self._take(self._best())
        return self.gear != before

    def skip(self, frames: int = 1) -> None:
        """Count frames that no gear computed."""
        self.frame += frames
        if not self.times_ms:
            self.shifts[:] = [Shift(self.frame, self.gear)]

    def observe(self, ms: float, given: Optional[float] = None) -> None:
        """Tell what the frame just done took; `gear` and `work` are then those of the next.

        Args:
            ms: milliseconds.
            given: the work that it had, where that may be less than the most that it might have:
                pixels that are equally hard get the same class.
        """
        given = self.work if given is None else given
        self.frame += 1
        self.times_ms.append(ms)
        self.works.append(given)
        model = self.gears[self.gear]
        model.learn(given, ms)
        late = ms > TOLERANCE * self.budget_ms
        change = -CAUTION if late else CAUTION * LATE / (1 - LATE)
        self._margin = min(MARGINS[1], max(MARGINS[0], self._margin + change))
        self.work = model.work_for(self._margin * self.budget_ms)
        self._slow = self._slow + 1 if model.least_ms > TOLERANCE * self.budget_ms else 0
        if self._slow >= PATIENCE_DOWN and self.gear + 1 < len(self.gears):
            self._failed = self.gear
            self._take(self._next_faster())
            # Each failure of the gear above makes the next attempt later.
            self._patience = min(MOST_PATIENCE, 2 * self._patience)
            return
        if self.gear > 0:
            self._look_up()
        self._calm = self._calm + 1 if self._slow == 0 and self.gear <= self._failed else 0
        if self._calm >= self._patience > PATIENCE_UP:
            # What made the gear fail seems to be over.
            self._patience, self._calm = self._patience // 2, 0

    def _best(self) -> int:
        fitting = (g for g, model in enumerate(self.gears) if model.least_ms <= self.budget_ms)
        last = min(range(len(self.gears)), key=lambda g: self.gears[g].least_ms)
        return next(fitting, last)

    def _next_faster(self) -> int:
        own = self.gears[self.gear].least_ms
        below = range(self.gear + 1, len(self.gears))
        return next((g for g in below if self.gears[g].least_ms < own), self.gear)

    def _look_up(self) -> None:
        above = self.gears[self.gear - 1]
        if self._slow == 0:
            # Where not even this gear is quick enough, nothing is over.
            above.ratio *= FORGET
        fits = above.least_ms <= ROOM * self.budget_ms
        self._easy = self._easy + 1 if fits else 0
        if self._easy >= self._patience:
            self._take(self.gear - 1)

    def _take(self, gear: int) -> None:
        if gear != self.gear or not self.shifts:
            self.shifts.append(Shift(self.frame, gear))
        self.gear, self._slow, self._easy, self._calm = gear, 0, 0, 0
        self.work = self.gears[gear].work_for(self._margin * self.budget_ms)


class PaceReport(NamedTuple):
    """How well a budget was kept."""

    frames: int
    """That were computed."""
    kept: float
    """Share of the frames within the budget and a tenth."""
    used: float
    """Mean time of a frame by the budget."""
    work: Optional[float]
    """Mean work of a frame, 0 to 1: the share of heavy pixels where there are two classes. None
    where no gear with classes ran."""


def report(budget_ms: float, pace: Pace) -> PaceReport:
    """Sum up the frames of a pace."""
    times, count = pace.times_ms, len(pace.times_ms)
    if not count:
        return PaceReport(0, 1.0, 0.0, None)
    adjustable = any(len(pace.gears[shift.gear].curve) > 1 for shift in pace.shifts)
    work = sum(pace.works) / count if adjustable else None
    kept = sum(ms <= TOLERANCE * budget_ms for ms in times) / count
    return PaceReport(count, kept, sum(times) / count / budget_ms, work)
