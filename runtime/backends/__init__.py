"""The backends, one file each, and the choice among them."""

from __future__ import annotations

from pcsr_edge.runtime.backends.onnxruntime import OnnxRuntimeBackend
from pcsr_edge.runtime.backends.selection import backend_for

__all__ = ["OnnxRuntimeBackend", "backend_for"]
