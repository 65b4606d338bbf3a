"""How busy GPU and memory of a Jetson are, from sysfs."""

from __future__ import annotations

from typing import Optional

from pcsr_edge.jetson.probes.clocks import EMC
from pcsr_edge.jetson.tree import Tree

GPU_LOADS = (
    "sys/devices/gpu.0/load",  # JetPack 4 and 5, Xavier and before
    "sys/devices/platform/gpu.0/load",
    "sys/devices/17000000.gv11b/load",
    "sys/devices/17000000.ga10b/load",  # Orin, JetPack 5
    "sys/devices/platform/bus@0/17000000.gpu/load",  # Orin, JetPack 6
)
"""In per mille."""
EMC_ACTIVITIES = (
    "sys/kernel/actmon_avg_activity/mc_all",
    "sys/kernel/debug/cactmon/mc_all",
)
"""kHz of the memory's clock that were of use; for root only."""
_MILLE, _KHZ = 1e3, 1e3


def gpu_load(tree: Tree) -> Optional[float]:
    """Return the share of time that the GPU is busy, 0…1."""
    found = (tree.number(path) for path in GPU_LOADS)
    load = next((value for value in found if value is not None), None)
    return None if load is None else min(1.0, max(0.0, load / _MILLE))


def emc_load(tree: Tree) -> Optional[float]:
    """Return the share of the memory's clock that is of use, 0…1."""
    rate = tree.number(f"{EMC}/rate")
    found = (tree.number(path) for path in EMC_ACTIVITIES)
    activity = next((value for value in found if value is not None), None)
    if not rate or activity is None:
        return None
    return min(1.0, max(0.0, activity * _KHZ / rate))
