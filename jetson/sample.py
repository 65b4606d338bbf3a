"""What the sensors of a machine say at one moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Mapping, Optional, Tuple


@dataclass(frozen=True)
class Power:
    """What the machine, or a part of it, draws."""

    total_w: float
    """W; what it covers stands in `source`."""
    source: str
    """Where it comes from, e.g. `INA3221, six rails` or `RAPL, processor package`."""
    rails_w: Mapping[str, float] = field(default_factory=dict)
    """W by rail; rails may be parts of each other."""
    estimate: bool = False
    """Whether the total leaves out what the sensors do not see."""

    def as_dict(self) -> Dict[str, Any]:
        """Return the fields as `--json` prints them."""
        return {
            "total_w": self.total_w,
            "source": self.source,
            "estimate": self.estimate,
            "rails_w": dict(self.rails_w),
        }


@dataclass(frozen=True)
class Sample:
    """One reading of all sensors; what a machine does not tell is None, or missing by name."""

    time_s: float
    """Seconds of `time.monotonic()`."""
    temperatures_c: Mapping[str, float] = field(default_factory=dict)
    """Degrees Celsius by the sensor's own name."""
    clocks_mhz: Mapping[str, float] = field(default_factory=dict)
    """`cpu` (the fastest core), `gpu`, `emc` (memory)."""
    cpu_load: Optional[float] = None
    """Share of all cores that is busy since the sample before, 0…1."""
    own_load: Optional[float] = None
    """The part of it that this process takes, 0…1."""
    gpu_load: Optional[float] = None
    """0…1."""
    emc_load: Optional[float] = None
    """0…1."""
    power: Optional[Power] = None
    throttled: Optional[Tuple[str, ...]] = None
    """What slows the machine down now, e.g. `under-voltage`; () nothing, None not known."""
    throttled_before: Optional[Tuple[str, ...]] = None
    """What has slowed it down since it was started."""

    def as_dict(self) -> Dict[str, Any]:
        """Return the fields as `--json` prints them."""
        return {
            "time_s": self.time_s,
            "temperatures_c": dict(self.temperatures_c),
            "clocks_mhz": dict(self.clocks_mhz),
            "cpu_load": self.cpu_load,
            "own_load": self.own_load,
            "gpu_load": self.gpu_load,
            "emc_load": self.emc_load,
            "power": None if self.power is None else self.power.as_dict(),
            "throttled": _plain(self.throttled),
            "throttled_before": _plain(self.throttled_before),
        }


def _plain(names: Optional[Tuple[str, ...]]) -> Any:
    return None if names is None else list(names)
