"""How busy the machine is, by /proc."""

from __future__ import annotations

import re
from typing import NamedTuple, Optional

from pcsr_edge.jetson.tree import Tree

_IDLE = (3, 4)
"""Places of idle time and of waiting for disks; /proc/stat counts both as doing nothing."""
_GUEST = 8
"""What follows is counted among the others already."""


class CpuTimes(NamedTuple):
    """What all cores have done since the machine was started, in the kernel's ticks."""

    busy: int
    total: int


def cpu_times(tree: Tree) -> Optional[CpuTimes]:
    """Return the times of /proc/stat."""
    return parse_stat(tree.text("proc/stat") or "")


def parse_stat(text: str) -> Optional[CpuTimes]:
    """Read the line `cpu  user nice system idle iowait irq softirq steal …`."""
    match = re.match(r"cpu((?: +\d{1,18}){4,12})$", text.partition("\n")[0])
    if match is None:
        return None
    ticks = [int(word) for word in match[1].split()[:_GUEST]]
    idle = sum(ticks[place] for place in _IDLE if place < len(ticks))
    return CpuTimes(sum(ticks) - idle, sum(ticks))


def share_between(before: Optional[CpuTimes], after: Optional[CpuTimes]) -> Optional[float]:
    """Return the share of all cores that was busy between two readings, 0…1."""
    if before is None or after is None or after.total <= before.total:
        return None
    return min(1.0, max(0.0, (after.busy - before.busy) / (after.total - before.total)))


def load_average(tree: Tree) -> Optional[float]:
    """Return how many processes wanted to run, mean of the last minute."""
    match = re.match(r"\d{1,6}\.\d{1,6}(?= )", tree.text("proc/loadavg") or "")
    return float(match[0]) if match else None
