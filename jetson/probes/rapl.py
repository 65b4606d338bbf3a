"""Energy of x86 processors, by RAPL's counters. Newer kernels let only root read them."""

from __future__ import annotations

from typing import Dict, NamedTuple, Optional

from pcsr_edge.jetson.sample import Power
from pcsr_edge.jetson.tree import Tree

ZONES = "sys/class/powercap/intel-rapl:[0-9]*"
PLATFORM, PACKAGE, MEMORY = "psys", "package", "dram"
_MICRO = 1e6


class Counter(NamedTuple):
    """The energy counter of a part of the processor."""

    joules: float
    """It begins at 0 again past `span`."""
    span: float


Counters = Dict[str, Counter]


def counters(tree: Tree) -> Counters:
    """Return the counters by name: `package-0`, `dram`, `psys`, …; without rights, none."""
    found: Counters = {}
    for zone in tree.paths(ZONES):
        name, energy = tree.text(f"{zone}/name"), tree.number(f"{zone}/energy_uj")
        span = tree.number(f"{zone}/max_energy_range_uj")
        if name and energy is not None and span is not None:
            # Every package has a `dram` of its own.
            name = f"{name} of {zone.rpartition('/')[2]}" if name in found else name
            found[name] = Counter(energy / _MICRO, span / _MICRO)
    return found


def power_between(before: Counters, after: Counters, seconds: float) -> Optional[Power]:
    """Return what was drawn between two readings.

    The whole machine where it has that counter, else packages and memory, which is less than the
    machine draws.
    """
    if seconds <= 0:
        return None
    rails = {
        name: _drawn(before[name], counter) / seconds
        for name, counter in after.items()
        if name in before
    }
    for kinds in ((PLATFORM,), (PACKAGE, MEMORY)):
        chosen = [name for name in rails if name.startswith(kinds)]
        if chosen:
            total = sum(rails[name] for name in chosen)
            text = f"RAPL: {' + '.join(chosen)}"
            return Power(total, text, rails, estimate=kinds != (PLATFORM,))
    return None


def _drawn(before: Counter, after: Counter) -> float:
    drawn = after.joules - before.joules
    return drawn if drawn >= 0 else max(0.0, drawn + after.span)
