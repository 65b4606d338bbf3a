"""Profiles that tests make up: times by hand, on a machine that is told."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence, Tuple

from pcsr_edge.calib.profiling import (
    Case,
    Frame,
    MeasuredCase,
    Profile,
    Recording,
    TimedFrame,
)

MACHINE: Dict[str, Any] = {
    "device": "Jetson-AGX",
    "system": "Ubuntu 20.04",
    "kernel": "5.10",
    "l4t": "35.4.1",
    "jetpack": "5.1.2",
    "power_mode": "MAXN",
    "power_mode_maximum": "MAXN",
    "clocks_pinned": False,
    "governor": "schedutil",
    "clocks_mhz": {"cpu": 1200.0},
    "clocks_maximum_mhz": {"cpu": 2265.0},
    "temperatures_c": {"CPU-therm": 41.5, "GPU-therm": 40.0},
    "throttled": [],
    "throttled_before": [],
    "load_average": 0.1,
    "cpus": 8,
}


class FakeClock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class FakeWorkload:
    """Makes frames of given times, the last one again and again; the clock passes meanwhile."""

    def __init__(
        self, ms: Sequence[float], clock: FakeClock, log: Optional[List[Any]] = None
    ) -> None:
        self._ms, self._clock, self._log = list(ms), clock, [] if log is None else log
        self.frames = 0

    def run(self) -> Frame:
        """See `Workload`."""
        ms = self._ms[min(self.frames, len(self._ms) - 1)]
        self.frames += 1
        self._log.append(self)
        self._clock.now += ms / 1e3
        return Frame(ms)


def frame(ms: float, **stages: float) -> Frame:
    """Return a frame of two classes."""
    return Frame(ms, stages or {"backbone": ms / 2, "upsampler_0": ms}, (0.25, 0.75), 2**20)


def measured(
    times: Sequence[float],
    start_s: float = 100.0,
    first_ms: float = 50.0,
    **case: Any,
) -> MeasuredCase:
    """Return a case with frames of the given times, one every second."""
    fields = {"model": "net", "method": "pcsr", "setting": "k=0", "options": {"k": 0.0}, **case}
    frames = [TimedFrame(start_s + i, frame(ms)) for i, ms in enumerate(times)]
    return MeasuredCase(Case(**fields), Recording([frame(first_ms)], True, frames), 12.5)


def profile(*cases: MeasuredCase, **fields: Any) -> Profile:
    """Return a profile of the cases, by default of one."""
    samples: Tuple[Dict[str, Any], ...] = tuple(
        {
            "time_s": 100.0 + second,
            "temperatures_c": {"CPU-therm": 42.0 + second, "GPU-therm": 41.0},
            "clocks_mhz": {"cpu": 2265.0, "gpu": 1377.0},
            "cpu_load": 0.5,
            "own_load": 0.45,
            "gpu_load": None,
            "emc_load": None,
            "power": {"total_w": 15.0, "source": "INA3221", "estimate": False, "rails_w": {}},
            "throttled": [],
            "throttled_before": [],
        }
        for second in range(4)
    )
    given: Dict[str, Any] = {
        "cases": cases or (measured([10.0, 11.0, 12.0, 13.0]),),
        "software": {"pcsr-edge": "0.1.0", "python": "3.8.10"},
        "before": MACHINE,
        "after": {**MACHINE, "temperatures_c": {"CPU-therm": 55.0}},
        "samples": samples,
        "settings": {"image": "photo.png", "iterations": 4, "duration_s": 1.0, "format": "png"},
        "command_line": ("pcsr-edge", "profile"),
        "created": "2020-01-02T03:04:05+00:00",
        "peak_bytes": 2**21,
        "energy_j": 45.0,
        **fields,
    }
    return Profile(**given)
