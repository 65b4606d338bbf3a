"""What makes measured times doubtful, as `trtexec` says it under its results."""

from __future__ import annotations

import statistics
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from pcsr_edge.jetson.conditions import Conditions
from pcsr_edge.jetson.sample import Sample

UNSTABLE_SHARE = 0.1
"""Coefficient of variation (deviation by mean) from which times count as unstable."""
FEWEST_TIMES = 5
"""Of fewer the deviation says nothing."""
OTHER_CORES = 0.25
"""Cores that others may take; what a quiet desktop takes is less."""
GOVERNORS = "/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor"


class Caution(NamedTuple):
    """One reason to doubt a measurement, and what mends it."""

    name: str
    """`clocks`, `power-mode`, `throttled`, `unstable` or `other-load`."""
    text: str
    mend: Optional[str] = None
    strict: bool = True
    """Whether `--strict` takes the measurement for unsuitable."""

    def as_dict(self) -> Dict[str, Any]:
        """Return the fields as `--json` prints them."""
        return self._asdict()


def cautions(
    conditions: Conditions, samples: Sequence[Sample], latencies_ms: Sequence[float]
) -> List[Caution]:
    """Return every reason to doubt times that were measured under these conditions.

    Args:
        conditions: as they were before the measurement.
        samples: taken meanwhile.
        latencies_ms: milliseconds of the runs of *one* setting, without the warm-up.
    """
    found = (
        _clocks(conditions),
        _power_mode(conditions),
        _throttled(conditions, samples),
        _unstable(latencies_ms),
        _other_load(conditions, samples),
    )
    return [caution for caution in found if caution is not None]


def _clocks(conditions: Conditions) -> Optional[Caution]:
    if conditions.clocks_pinned is not False:
        return None
    return Caution(
        "clocks",
        f"clocks are not pinned (governor {conditions.governor or 'unknown'}): times depend on "
        "what ran before",
        _pin_command(conditions),
    )


def _pin_command(conditions: Conditions) -> str:
    device = conditions.device or ""
    # Containers lack the file that tells L4T.
    if conditions.l4t is not None or "Jetson" in device:
        return "sudo jetson_clocks"
    if "Raspberry Pi" in device:
        # Its system has no cpupower.
        return f"echo performance | sudo tee {GOVERNORS}"
    return "sudo cpupower frequency-set -g performance"


def _power_mode(conditions: Conditions) -> Optional[Caution]:
    mode, maximum = conditions.power_mode, conditions.power_mode_maximum
    if mode is None or maximum is None or mode == maximum:
        return None
    return Caution(
        "power-mode",
        f"power mode {mode} is below the maximum, {maximum}",
        f"sudo nvpmodel -m {conditions.power_mode_maximum_number}",
    )


def _throttled(conditions: Conditions, samples: Sequence[Sample]) -> Optional[Caution]:
    reasons = set(conditions.throttled or ())
    for sample in samples:
        reasons.update(sample.throttled or ())
        # What was so before the measurement is no news.
        reasons.update(set(sample.throttled_before or ()) - set(conditions.throttled_before or ()))
    if not reasons:
        return None
    return Caution(
        "throttled",
        f"the machine was throttled: {', '.join(sorted(reasons))}; cool it, or feed it better",
    )


def _unstable(latencies_ms: Sequence[float]) -> Optional[Caution]:
    if len(latencies_ms) < FEWEST_TIMES or statistics.fmean(latencies_ms) <= 0:
        return None
    share = statistics.stdev(latencies_ms) / statistics.fmean(latencies_ms)
    if share <= UNSTABLE_SHARE:
        return None
    return Caution(
        "unstable",
        f"times are unstable: their coefficient of variation is {share:.0%}; "
        "measure longer, on a quiet machine",
    )


def _other_load(conditions: Conditions, samples: Sequence[Sample]) -> Optional[Caution]:
    shares = [
        s.cpu_load - s.own_load
        for s in samples
        if s.cpu_load is not None and s.own_load is not None
    ]
    if not shares or conditions.cpus is None:
        return None
    cores = statistics.median(shares) * conditions.cpus
    if cores <= OTHER_CORES:
        return None
    return Caution(
        "other-load", f"other processes took {cores:.1f} of {conditions.cpus} cores; end them"
    )
