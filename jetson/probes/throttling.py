"""What slows a machine down against its will."""

from __future__ import annotations

from typing import Dict, List, Optional

from pcsr_edge.jetson.board import RASPBERRY_PI, Board
from pcsr_edge.jetson.probes.raspberry_pi import pi_throttling
from pcsr_edge.jetson.probes.reasons import Throttling
from pcsr_edge.jetson.tree import Tree

COOLING = "sys/class/thermal/cooling_device[0-9]*"
SLOWING = ("cpufreq", "devfreq", "throttle", "Processor", "powerclamp", "-balanced")
"""Parts of the names of cooling devices that work by slowing down; fans and displays do not."""
INTEL_COUNTS = "sys/devices/system/cpu/cpu[0-9]*/thermal_throttle/*_throttle_count"
TEGRA_COUNTS = "sys/class/hwmon/hwmon[0-9]*/oc[0-9]*_event_cnt"


def throttling(tree: Tree, board: Board) -> Optional[Throttling]:
    """Ask what this kind of machine has; None where it tells nothing."""
    found = pi_throttling(tree) if board.kind == RASPBERRY_PI else None
    return kernel_throttling(tree) if found is None else found


def kernel_throttling(tree: Tree) -> Optional[Throttling]:
    """Ask the kernel's cooling devices, and the counts of Intel's and NVIDIA's processors."""
    now: List[str] = []
    known = False
    for device in tree.paths(COOLING):
        name, state = tree.text(f"{device}/type"), tree.number(f"{device}/cur_state")
        if name and state is not None and any(part in name for part in SLOWING):
            known = True
            if state > 0:
                now.append(name)
    counts = event_counts(tree)
    before = tuple(reason for reason, count in counts.items() if count)
    return Throttling(tuple(sorted(set(now))), before) if known or counts else None


def event_counts(tree: Tree) -> Dict[str, int]:
    """Return how often Intel's and NVIDIA's processors slowed down since the start, by reason."""
    found: Dict[str, int] = {}
    for pattern, reason in ((INTEL_COUNTS, "temperature"), (TEGRA_COUNTS, "over-current")):
        counts = [tree.number(path) for path in tree.paths(pattern)]
        told = [count for count in counts if count is not None]
        if told:
            found[reason] = sum(told)
    return found
