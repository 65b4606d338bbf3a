"""What times depend on beside the rung: the machine and the versions of what runs there."""

from __future__ import annotations

import platform
import re
from pathlib import Path
from typing import Dict

import numpy as np

from pcsr_edge import __version__

CPUINFO = Path("/proc/cpuinfo")
DEVICE_TREE = Path("/proc/device-tree/model")


def describe_machine(threads: int, backend: str) -> Dict[str, str]:
    """Return what must be equal for measured times to hold, by name."""
    return {
        "cpu": cpu_model(),
        "threads": str(threads),
        "backend": backend,
        "onnxruntime": _onnxruntime_version(),
        "numpy": np.__version__,
        "pcsr-edge": __version__,
    }


def cpu_model(cpuinfo: Path = CPUINFO, device_tree: Path = DEVICE_TREE) -> str:
    """Return board and processor as Linux names them, else the processor's architecture."""
    board = _text(device_tree).rstrip("\0\n")
    match = re.search(r"^model name\s*: (.+)$", _text(cpuinfo), re.MULTILINE)
    names = [board, match[1].strip() if match else "", platform.machine()]
    return ", ".join(name for name in names if name)


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
