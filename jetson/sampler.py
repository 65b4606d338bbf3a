"""Reads the sensors in the background while something is measured."""

from __future__ import annotations

import threading
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import List, Optional, Tuple, Type

from pcsr_edge.jetson.sample import Sample
from pcsr_edge.jetson.sensors import Sensors
from pcsr_edge.jetson.tree import ROOT

INTERVAL_S = 0.5
MOST_SAMPLES = 7200
"""An hour at the usual interval; past it every second one is dropped and the interval doubled."""
END_TIME_S = 5.0


class Sampler:
    """A thread that keeps samples; nothing that a sensor does reaches the one who measures.

    The first sample is taken on entering, the last one on leaving:

        with Sampler() as sampler:
            …  # what is measured
        sampler.joules(start, end)

    Args:
        interval_s: seconds between two samples.
        root: the folder that stands for `/`.
    """

    def __init__(self, interval_s: float = INTERVAL_S, root: Path = ROOT) -> None:
        self._interval_s, self._root = interval_s, root
        self._samples: List[Sample] = []
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="sampler", daemon=True)

    def __enter__(self) -> Sampler:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self._over.set()
        self._thread.join(END_TIME_S)

    @property
    def samples(self) -> Tuple[Sample, ...]:
        """What was sampled so far, in order."""
        with self._lock:
            return tuple(self._samples)

    def joules(self, start: float, end: float) -> Optional[float]:
        """Return the energy from `start` to `end`, seconds of `time.monotonic()`; see `joules`."""
        return joules(self.samples, start, end)

    def _work(self) -> None:
        # A sensor must never end what is measured, and nobody waits for this thread's errors.
        with suppress(Exception), closing(Sensors(self._interval_s, self._root)) as sensors:
            while True:
                self._keep(sensors.read())
                if self._over.is_set():
                    return
                self._over.wait(self._interval_s)

    def _keep(self, sample: Sample) -> None:
        with self._lock:
            self._samples.append(sample)
            if len(self._samples) > MOST_SAMPLES:
                del self._samples[1::2]
                self._interval_s *= 2


def joules(samples: Tuple[Sample, ...], start: float, end: float) -> Optional[float]:
    """Return the energy between two moments, by trapezoids between samples with a power.

    Before the first and after the last of them the power is taken to stay as it is there. None
    where no sample has a power, or none of those lies within an interval of the two moments.
    """
    points = [(s.time_s, s.power.total_w) for s in samples if s.power is not None]
    if not points or end < start or points[0][0] > end or points[-1][0] < start:
        return None
    moments = [start, *(t for t, _ in points if start < t < end), end]
    powers = [_power_at(points, moment) for moment in moments]
    return sum(
        (moments[i + 1] - moments[i]) * (powers[i] + powers[i + 1]) / 2
        for i in range(len(moments) - 1)
    )


def _power_at(points: List[Tuple[float, float]], moment: float) -> float:
    """Return W at a moment, on the line between the samples around it."""
    before = [point for point in points if point[0] <= moment]
    after = [point for point in points if point[0] >= moment]
    if not before or not after:
        return (before[-1] if before else after[0])[1]
    (t0, w0), (t1, w1) = before[-1], after[0]
    return w0 if t1 == t0 else w0 + (w1 - w0) * (moment - t0) / (t1 - t0)
