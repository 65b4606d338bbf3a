"""Cameras and network streams: they come when they come, go away, and come back changed."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from fractions import Fraction
from typing import Callable, Iterator

from pcsr_edge.errors import PcsrEdgeError
from pcsr_edge.runtime.video.endpoints import FrameSource
from pcsr_edge.runtime.video.frame import Frame

DEFAULT_RATE = Fraction(25)
"""Frames per second of a stream that does not say."""
PAUSE = 0.5
"""Seconds between two attempts."""


class ReconnectingSource:
    """A `FrameSource` that opens its source again when it ends, if that is live.

    Timestamps go on by the clock: a gap in the stream is one in the result. What comes back in
    another size is brought to the first one downstream. A source that has an end, such as a film
    on a server, would begin anew: where it breaks off, a lost frame tells so.

    Args:
        connect: opens the source; given the seconds that this may take at most.
        patience: seconds in which it may come back; after that the stream is at its end.
        clock: seconds; tests bring their own.
        sleep: waits; likewise.

    Raises:
        PcsrEdgeError: it cannot be opened the first time.
    """

    def __init__(
        self,
        connect: Callable[[float], FrameSource],
        patience: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._connect, self._patience = connect, patience
        self._clock, self._sleep = clock, sleep
        self._source = connect(math.inf)
        self.facts = self._source.facts
        self._begin = clock()
        self._open = True

    def frames(self) -> Iterator[Frame]:
        """Yield frames for as long as the source is there; see `FrameSource`."""
        step = max(1, round(1 / ((self.facts.rate or DEFAULT_RATE) * self.facts.time_base)))
        last = -step
        remark = ""
        while self._open:
            offset = None
            try:
                for frame in self._source.frames():
                    if offset is None:
                        now = self._now() if self.facts.live else frame.pts
                        offset = max(last + step, now) - frame.pts
                    # Ticks are fine: two frames a tick apart would fall together in Matroska.
                    last = frame.pts + offset if frame.pts + offset > last else last + step
                    yield replace(frame, pts=last, remark=remark or frame.remark)
                    remark = ""
            except PcsrEdgeError as exc:
                if not self.facts.live:
                    yield Frame(None, last + step, damage=str(exc))
                # Else an end like any other: what matters is whether it comes back.
            if not (self._open and self.facts.live and self._came_back()):
                return
            remark = "the stream went away and came back before"

    def close(self) -> None:
        """End the stream."""
        self._open = False
        self._source.close()

    def _now(self) -> int:
        """Return the ticks since the beginning."""
        return round((self._clock() - self._begin) / float(self.facts.time_base))

    def _came_back(self) -> bool:
        self._source.close()
        deadline = self._clock() + self._patience
        while self._open and self._clock() < deadline:
            try:
                self._source = self._connect(deadline - self._clock())
            except PcsrEdgeError:
                self._sleep(PAUSE)
                continue
            if self._source.facts.form == self.facts.form:
                return True
            # Another depth or range would need another encoder.
            self._source.close()
            return False
        return False
