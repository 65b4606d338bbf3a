"""ONNX Runtime on the processor as a device: whole frames, bound buffers, NumPy as the library."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Union

import onnxruntime

from pcsr_edge.runtime.backends.onnxruntime_cuda import BoundEngine
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.device import HostDevice
from pcsr_edge.runtime.engine import Backend, Engine
from pcsr_edge.runtime.upscaler import Upscaler


class HostBackend(Backend):
    """Makes the engines of onnxruntime-cuda, without CUDA."""

    name = "host"

    def __init__(self) -> None:
        self.device = HostDevice()

    def load(self, graph: bytes, threads: int) -> Engine:
        session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
        return BoundEngine(session, onnxruntime.RunOptions(), self.device)


def device_upscaler(model: Union[str, Path], **options: Any) -> Upscaler:
    """Load a model whose frames run as they would on a GPU."""
    return Upscaler(load_bundle(model), HostBackend(), threads=1, **options)
