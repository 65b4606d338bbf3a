"""When a case is warm, and when it was measured long enough."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Sequence

WINDOW = 3
"""Frames whose median is held against that of as many before."""
TOLERANCE = 0.05
"""Part by which the two medians may differ."""


@dataclass(frozen=True)
class WarmUp:
    """Frames that run before any counts: until their times are steady.

    Times are steady when the medians of the last `WINDOW` frames and of the `WINDOW` before them
    differ by `TOLERANCE` at most. The very first frame never counts for it.
    """

    least_frames: int = 3
    """So many at least, the first included; 0 measures from the first frame on."""
    most_frames: int = 50
    most_s: float = 10.0
    """Whatever the times are, no more frames or seconds than these are spent."""

    def is_steady(self, ms: Sequence[float]) -> bool:
        """Return whether times have settled, oldest first, without the first frame."""
        if len(ms) < 2 * WINDOW:
            return False
        late = statistics.median(ms[-WINDOW:])
        early = statistics.median(ms[-2 * WINDOW : -WINDOW])
        return abs(late - early) <= TOLERANCE * early

    def is_over(self, ms: Sequence[float], seconds: float) -> bool:
        """Return whether warming up ends here.

        Args:
            ms: times of all frames so far, the first included.
            seconds: that they took together.
        """
        if self.least_frames == 0 or len(ms) >= self.most_frames or seconds >= self.most_s:
            return True
        return len(ms) >= self.least_frames and self.is_steady(ms[1:])


@dataclass(frozen=True)
class StopRule:
    """A case is done after so many frames and so many seconds, whichever comes later."""

    iterations: int = 20
    duration_s: float = 3.0
    """Seconds of the case's own frames; what runs in between does not count."""

    def is_done(self, frames: int, seconds: float) -> bool:
        """Return whether a case was measured long enough."""
        return frames >= self.iterations and seconds >= self.duration_s
