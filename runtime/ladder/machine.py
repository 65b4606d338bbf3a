"""What times depend on beside the rung: the machine and the versions of what runs there."""

from __future__ import annotations

import platform
import re
from pathlib import Path
from typing import Dict, Optional

import numpy as np

from pcsr_edge import __version__

CPUINFO = Path("/proc/cpuinfo")
DEVICE_TREE = Path("/proc/device-tree/model")
POWER_MODE = Path("/var/lib/nvpmodel/status")
"""Of a Jetson; holds `pmode:0002`."""


def describe_machine(threads: int, backend: str) -> Dict[str, str]:
    """Return what must be equal for measured times to hold, by name."""
    mode = power_mode()
    return {
        "cpu": cpu_model(),
        **({} if mode is None else {"power mode": mode}),
        "threads": str(threads),
        "backend": backend,
        "onnxruntime": _onnxruntime_version(),
        "numpy": np.__version__,
        "pcsr-edge": __version__,
    }


def cpu_model(cpuinfo: Path = CPUINFO, device_tree: Path = DEVICE_TREE) -> str:
    """Return board and processor as Linux names them, else the processor's architecture."""
    text = _text(cpuinfo)
    # Docker hides the device tree; a Pi's kernel names the board here too.
    board = _text(device_tree).rstrip("\0\n") or _named(text, "Model")
    names = [board, _named(text, "model name"), platform.machine()]
    return ", ".join(name for name in names if name)


def power_mode(status: Path = POWER_MODE) -> Optional[str]:
    """Return the number of a Jetson's power mode, as `nvpmodel -m` takes it; None elsewhere."""
    match = re.fullmatch(r"pmode:(\d{1,4})\s*", _text(status))
    return None if match is None else str(int(match[1]))


def _named(cpuinfo: str, key: str) -> str:
    match = re.search(rf"^{key}\s*: (.+)$", cpuinfo, re.MULTILINE)
    return match[1].strip() if match else ""


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _onnxruntime_version() -> str:
    try:
        import onnxruntime
    except ImportError:
        return "none"
    return str(onnxruntime.__version__)
