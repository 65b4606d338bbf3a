"""From a `--device` word to a backend; never a silent fallback."""

from __future__ import annotations

import re

from pcsr_edge.errors import BackendUnavailableError, UsageError
from pcsr_edge.runtime.backends.onnxruntime import OnnxRuntimeBackend
from pcsr_edge.runtime.backends.without_graphs import WithoutGraphs
from pcsr_edge.runtime.engine import Backend

DEVICES = "auto, cpu, cuda[:N] or trt[:N]"


def backend_for(device: str, *, graphs: bool = True) -> Backend:
    """Return the backend of a device word (`auto`, `cpu`, `cuda[:N]`, `trt[:N]`).

    Without `graphs`, which means that the method has none, no engine is needed.

    Raises:
        UsageError: the word is none of these.
        BackendUnavailableError: the device was asked for by name and is not there.
    """
    match = re.fullmatch(r"(auto|cpu|cuda|trt)(?::\d+)?", device)
    if match is None or (":" in device and match.group(1) in ("auto", "cpu")):
        raise UsageError(f"device {device!r} is not known; expected {DEVICES}")
    if match.group(1) in ("cuda", "trt"):
        raise BackendUnavailableError(
            f"device {device!r}: this release runs on the CPU only; use --device cpu (or auto)"
        )
    return OnnxRuntimeBackend() if graphs else WithoutGraphs()
