"""The versions of what measured times depend on."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import Dict

from pcsr_edge import __version__

PACKAGES = ("numpy", "onnxruntime", "onnxruntime-gpu", "tensorrt", "pillow", "pyvips")


def versions() -> Dict[str, str]:
    """Return name → version of pcsr-edge, Python, and the packages that are installed."""
    found = {"pcsr-edge": __version__, "python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
