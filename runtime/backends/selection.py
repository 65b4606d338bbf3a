"""From a `--device` word to a backend; never a silent fallback."""

from __future__ import annotations

import re
from typing import Callable, List, Union

from pcsr_edge.errors import BackendUnavailableError, UsageError
from pcsr_edge.runtime.backends.onnxruntime import OnnxRuntimeBackend
from pcsr_edge.runtime.backends.without_graphs import WithoutGraphs
from pcsr_edge.runtime.engine import Backend

DEVICES = "auto, cpu, cuda[:N] or trt[:N]"
Say = Callable[[str], None]


def silent(text: str) -> None:
    """Say nothing."""


def backend_for(device: Union[str, Backend], *, graphs: bool = True, say: Say = silent) -> Backend:
    """Return the backend of a device word (`auto`, `cpu`, `cuda[:N]`, `trt[:N]`).

    `auto` takes TensorRT where it can be used, else ONNX Runtime on a GPU, else on the
    processor; which one and why stands in `choice`.

    Args:
        device: the word, or a backend that was opened before: it stands for itself.
        graphs: False where the method has none; then no engine is needed.
        say: told what takes time, such as building an engine.

    Raises:
        UsageError: the word is none of these.
        BackendUnavailableError: the device was asked for by name and is not there.
    """
    if isinstance(device, Backend):
        return device if graphs else WithoutGraphs()
    match = re.fullmatch(r"(auto|cpu|cuda|trt)(?::(\d+))?", device)
    if match is None or (":" in device and match.group(1) in ("auto", "cpu")):
        raise UsageError(f"device {device!r} is not known; expected {DEVICES}")
    kind, index = match.group(1), int(match.group(2) or 0)
    if kind in ("cuda", "trt"):
        try:
            backend = _on_gpu(kind, index, say)
        except BackendUnavailableError as exc:
            raise BackendUnavailableError(f"device {device!r} is not there: {exc}") from exc
        return backend if graphs else WithoutGraphs()
    if not graphs:
        return WithoutGraphs()
    return _automatic(say) if kind == "auto" else OnnxRuntimeBackend()


def _on_gpu(kind: str, index: int, say: Say) -> Backend:
    # Loaded on first use: they bring CuPy, TensorRT or another ONNX Runtime.
    if kind == "trt":
        from pcsr_edge.runtime.backends.tensorrt import TensorrtBackend

        return TensorrtBackend(index, say)
    from pcsr_edge.runtime.backends.onnxruntime_cuda import OnnxRuntimeCudaBackend

    return OnnxRuntimeCudaBackend(index)


def _automatic(say: Say) -> Backend:
    missing: List[str] = []
    for kind in ("trt", "cuda"):
        try:
            backend = _on_gpu(kind, 0, say)
        except BackendUnavailableError as exc:
            missing.append(f"{kind}: {exc}")
            continue
        backend.choice = "; ".join(["the fastest that is there", *missing])
        return backend
    cpu = OnnxRuntimeBackend()
    cpu.choice = "; ".join(["no GPU can be used", *missing])
    return cpu
