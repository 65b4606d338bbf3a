"""Content-adaptive super-resolution, from a trained checkpoint to a device."""

from __future__ import annotations

import os
from importlib import import_module

# Type checkers take it for true. Python must not import `typing` here: it takes longer than all
# else before the commands' guard against Ctrl-C (`__main__.py`).
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List

    from pcsr_edge.runtime.result import Result
    from pcsr_edge.runtime.upscaler import Upscaler

__version__ = "0.1.0"

# ONNX Runtime from 1.29 on reports its use to its makers unless told otherwise, and reads this
# when it is imported, in this process or in one that it starts.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__all__ = ["Result", "Upscaler", "__version__"]


def __getattr__(name: str) -> Any:
    # Loaded on first use, so that importing the package costs no NumPy import.
    if name in ("Result", "Upscaler"):
        return getattr(import_module(f"pcsr_edge.runtime.{name.lower()}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> List[str]:
    return sorted(__all__)
