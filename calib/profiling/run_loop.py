"""Runs cases in turns, so that whatever drifts on the machine hits all of them alike."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import partial
from typing import Callable, List, NamedTuple, Sequence

from pcsr_edge.calib.profiling.frame import Frame, Workload
from pcsr_edge.calib.profiling.rules import StopRule, WarmUp

Clock = Callable[[], float]
"""Seconds."""
OnFrame = Callable[[int, bool], None]
"""Told the index of a case after each of its frames, and whether the frame counts."""


class TimedFrame(NamedTuple):
    """A frame and when it began."""

    at_s: float
    """Seconds on the clock of the run."""
    frame: Frame


@dataclass
class Recording:
    """The frames of one case, in the order in which they ran."""

    warm_up: List[Frame] = field(default_factory=list)
    """Frames that do not count, the first one at the front."""
    steady: bool = True
    """Whether times were steady when warming up ended."""
    frames: List[TimedFrame] = field(default_factory=list)
    """Frames that count."""

    @property
    def first_ms(self) -> float:
        """Wall time of the very first upscaling."""
        first = self.warm_up[0] if self.warm_up else self.frames[0].frame
        return first.upscale_ms

    def upscale_ms(self) -> List[float]:
        """Return the wall times of all upscalings that count."""
        return [timed.frame.upscale_ms for timed in self.frames]


def record(
    workloads: Sequence[Workload],
    warm_up: WarmUp,
    stop: StopRule,
    *,
    clock: Clock = time.monotonic,
    on_frame: OnFrame = lambda index, counts: None,
) -> List[Recording]:
    """Warm up one case after the other, then run one frame of each in turns until all are done.

    Each turn begins with another case than the last, so that none always follows the same one.
    A case that is done runs no more; the others go on.

    Args:
        workloads: one per case.
        warm_up: when a case counts as warm.
        stop: when it was measured long enough.
        clock: tells when frames begin.
        on_frame: called after each frame.
    """
    recordings: List[Recording] = []
    for index, workload in enumerate(workloads):
        recordings.append(_warmed(workload, warm_up, partial(on_frame, index, False)))
    seconds = [0.0] * len(workloads)
    running = list(range(len(workloads)))
    turn = 0
    while running:
        shift = turn % len(running)
        for index in running[shift:] + running[:shift]:
            begin = clock()
            frame = workloads[index].run()
            recordings[index].frames.append(TimedFrame(begin, frame))
            seconds[index] += frame.total_ms / 1e3
            on_frame(index, True)
        running = [i for i in running if not stop.is_done(len(recordings[i].frames), seconds[i])]
        turn += 1
    return recordings


def _warmed(workload: Workload, rule: WarmUp, on_frame: Callable[[], None]) -> Recording:
    recording = Recording()
    ms: List[float] = []
    seconds = 0.0
    while not rule.is_over(ms, seconds):
        frame = workload.run()
        recording.warm_up.append(frame)
        ms.append(frame.upscale_ms)
        seconds += frame.total_ms / 1e3
        on_frame()
    recording.steady = rule.least_frames == 0 or rule.is_steady(ms[1:])
    return recording
