"""Clocks of processor, GPU and memory, and whether they are pinned.

Sources: the kernel's `cpufreq` (kHz) and `devfreq` (Hz); of a Jetson's memory the debug files of
its boot processor (Hz, for root only).
"""

from __future__ import annotations

import re
from typing import Dict, List, Optional

from pcsr_edge.jetson.tree import Tree

CPUFREQ = "sys/devices/system/cpu/cpu[0-9]*/cpufreq"
GPU_FOLDERS = (
    "sys/class/devfreq/17000000.gv11b",  # Xavier
    "sys/class/devfreq/17000000.ga10b",  # Orin, JetPack 5
    "sys/class/devfreq/17000000.gpu",  # Orin, JetPack 6
    "sys/class/devfreq/57000000.gpu",  # Nano
    "sys/class/devfreq/gpu-gpc-0",  # Thor
)
EMC = "sys/kernel/debug/bpmp/debug/clk/emc"
PERFORMANCE = "performance"
_KHZ, _HZ = 1e3, 1e6


def current_mhz(tree: Tree) -> Dict[str, float]:
    """Return MHz by `cpu` (the fastest core), `gpu`, `emc`; what is not told is missing."""
    cpu = max(_cpu_values(tree, "scaling_cur_freq"), default=None)
    found = {
        "cpu": cpuinfo_mhz(tree.text("proc/cpuinfo") or "") if cpu is None else cpu / _KHZ,
        "gpu": _gpu_mhz(tree, "cur_freq"),
        "emc": _mhz(tree.number(f"{EMC}/rate")),
    }
    return {name: mhz for name, mhz in found.items() if mhz is not None}


def maximum_mhz(tree: Tree) -> Dict[str, float]:
    """Return what the clocks may rise to in the present power mode, likewise."""
    cpu = max(_cpu_values(tree, "scaling_max_freq"), default=None)
    found = {
        "cpu": None if cpu is None else cpu / _KHZ,
        "gpu": _gpu_mhz(tree, "max_freq"),
        "emc": _mhz(tree.number(f"{EMC}/max_rate")),
    }
    return {name: mhz for name, mhz in found.items() if mhz is not None}


def governor(tree: Tree) -> Optional[str]:
    """Return what sets the processor's clock; of several, all names."""
    names = {tree.text(path) for path in tree.paths(f"{CPUFREQ}/scaling_governor")}
    return ", ".join(sorted(name for name in names if name)) or None


def pinned(tree: Tree) -> Optional[bool]:
    """Return whether clocks stay at the maximum, as `jetson_clocks` makes them."""
    folders = tree.paths(CPUFREQ)
    parts = [_cpu_pinned(tree, folder) for folder in folders]
    parts += [_folder_pinned(tree, folder, "min_freq", "max_freq") for folder in GPU_FOLDERS]
    locked = tree.number(f"{EMC}/mrq_rate_locked")
    if locked is not None:
        parts.append(locked == 1)
    known = [part for part in parts if part is not None]
    return all(known) if known else None


def cpuinfo_mhz(text: str) -> Optional[float]:
    """Return the highest clock that /proc/cpuinfo names (x86 only)."""
    found = re.findall(r"^cpu MHz\s*: (\d{1,6}(?:\.\d{1,6})?)$", text, re.MULTILINE)
    return max(map(float, found), default=None)


def _cpu_pinned(tree: Tree, folder: str) -> Optional[bool]:
    if tree.text(f"{folder}/scaling_governor") == PERFORMANCE:
        return True
    return _folder_pinned(tree, folder, "scaling_min_freq", "scaling_max_freq")


def _folder_pinned(tree: Tree, folder: str, least: str, most: str) -> Optional[bool]:
    low, high = tree.number(f"{folder}/{least}"), tree.number(f"{folder}/{most}")
    return None if low is None or high is None else low == high


def _cpu_values(tree: Tree, name: str) -> List[int]:
    found = (tree.number(path) for path in tree.paths(f"{CPUFREQ}/{name}"))
    return [value for value in found if value is not None]


def _gpu_mhz(tree: Tree, name: str) -> Optional[float]:
    for folder in GPU_FOLDERS:
        mhz = _mhz(tree.number(f"{folder}/{name}"))
        if mhz is not None:
            return mhz
    return None


def _mhz(hertz: Optional[int]) -> Optional[float]:
    return None if hertz is None else hertz / _HZ
