"""A profile: what was measured, on what, under which conditions; a document of schema 1."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from pcsr_edge.calib.profiling.measured_case import MeasuredCase

Facts = Mapping[str, Any]
"""What probes of the machine say, by name, as JSON shows it; this room does not ask it itself."""

SCHEMA_VERSION = 1
COMMAND = "profile"
"""The value of `command`, which tells a profile from other documents."""


@dataclass(frozen=True)
class Profile:
    """One run of the profiler."""

    cases: Tuple[MeasuredCase, ...]
    software: Mapping[str, str]
    """Name → version."""
    before: Facts
    """What the machine said before the first frame."""
    after: Facts
    """And after the last one."""
    cautions: Tuple[Facts, ...] = ()
    """The warning list: `name`, `text`, `mend` and whether --strict heeds it."""
    samples: Tuple[Facts, ...] = ()
    """Readings of the sensors; `time_s` on the clock of the frames."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Picture, warming up, end: what else was chosen."""
    command_line: Tuple[str, ...] = ()
    created: str = ""
    """ISO 8601 with the offset from UTC."""
    peak_bytes: Optional[int] = None
    """Most memory that the process held in all."""
    energy_j: Optional[float] = None
    """Joules from `start_s` to `end_s`, of what the sensors see; None where they tell none."""

    @property
    def start_s(self) -> float:
        """When the first frame that counts began."""
        return min(case.recording.frames[0].at_s for case in self.cases)

    @property
    def end_s(self) -> float:
        """When the last frame that counts began."""
        return max(case.recording.frames[-1].at_s for case in self.cases)

    @property
    def power_w(self) -> Optional[float]:
        """Mean power in W while frames ran, of what the sensors see; None where not told."""
        seconds = self.end_s - self.start_s
        return self.energy_j / seconds if self.energy_j is not None and seconds > 0 else None

    @property
    def energy_mj(self) -> Optional[float]:
        """Millijoules of a frame with decoding and encoding, by the mean power.

        None where no power is told, or where several cases shared the time.
        """
        if self.power_w is None or len(self.cases) != 1:
            return None
        frames = self.cases[0].recording.frames
        return self.power_w * sum(timed.frame.total_ms for timed in frames) / len(frames)

    def as_dict(self) -> Dict[str, Any]:
        """Return the document; docs/profiling.md names every field."""
        return {
            "schema_version": SCHEMA_VERSION,
            "command": COMMAND,
            "created": self.created,
            "command_line": list(self.command_line),
            "software": dict(self.software),
            "conditions": {"before": dict(self.before), "after": dict(self.after)},
            "cautions": [dict(caution) for caution in self.cautions],
            "settings": dict(self.settings),
            "peak_bytes": self.peak_bytes,
            "power_w": self.power_w,
            "energy_mj_per_frame": self.energy_mj,
            "cases": [case.as_dict(self.start_s) for case in self.cases],
            "telemetry": self._telemetry(),
        }

    def _telemetry(self) -> List[Dict[str, Any]]:
        entries: List[Dict[str, Any]] = []
        for sample in self.samples:
            entry = {name: value for name, value in sample.items() if name != "time_s"}
            entries.append({"at_s": round(sample["time_s"] - self.start_s, 4), **entry})
        return entries


def to_json(document: Mapping[str, Any]) -> str:
    """Return the text of a document. JSON knows neither NaN nor infinity: they become null."""
    return json.dumps(_plain(document), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
