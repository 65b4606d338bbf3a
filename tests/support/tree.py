"""The repository's tree: its rooms, and copies of it to build and break."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("calib", "cli", "export", "jetson", "models", "runtime", "train")
DEVICE_ROOMS = ("calib", "cli", "jetson", "runtime")
"""Rooms that work without torch and onnx."""

_NO_SOURCES = shutil.ignore_patterns("__pycache__", "*.egg-info", ".*")


def copy_tree(target: Path) -> Path:
    """Copy what a build needs to the new folder `target`, without results of earlier builds."""
    target.mkdir()
    for name in (*ROOMS, "src"):
        shutil.copytree(ROOT / name, target / name, symlinks=True, ignore=_NO_SOURCES)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, target / name)
    return target
