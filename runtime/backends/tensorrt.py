"""TensorRT, 8.5 to 11, on arrays that stay on the GPU."""

from __future__ import annotations

from collections import OrderedDict
from typing import Dict, List, Optional, Set, Tuple

from pcsr_edge.runtime.cuda_device import CudaDevice
from pcsr_edge.runtime.device import Device
from pcsr_edge.runtime.device_engine import DeviceEngine
from pcsr_edge.runtime.engine import Array, Arrays, Backend, Engine
from pcsr_edge.runtime.engines.context import TensorrtContext
from pcsr_edge.runtime.engines.graph import Graph, read_graph
from pcsr_edge.runtime.engines.library import load_tensorrt
from pcsr_edge.runtime.engines.proof import Proof
from pcsr_edge.runtime.engines.shelf import Shelf
from pcsr_edge.runtime.engines.workshop import Say, Workshop

MOST_CONTEXTS = 4
"""Sets of shapes that an engine is kept ready for, or as many as a frame needs; each takes GPU
memory."""
Key = Tuple[Tuple[str, Tuple[int, ...]], ...]


class TensorrtEngine(DeviceEngine):
    """One graph; engines for the shapes that come are found or built when they come."""

    def __init__(self, graph: Graph, workshop: Workshop, device: Device, say: Say) -> None:
        super().__init__(device)
        self._graph, self._workshop, self._say = graph, workshop, say
        self._contexts: OrderedDict[Key, TensorrtContext] = OrderedDict()
        self._of_frame: Set[Key] = set()
        self._told: Optional[str] = None

    def begin(self) -> None:
        """Give away what neither the last frame used nor there is room for."""
        for key in self._unused()[: max(0, len(self._contexts) - MOST_CONTEXTS)]:
            del self._contexts[key]
        self._of_frame.clear()

    def enqueue(self, inputs: Arrays) -> Dict[str, Array]:
        """Queue one run; see `DeviceEngine.enqueue`."""
        key: Key = tuple((name, tuple(inputs[name].shape)) for name in sorted(inputs))
        if key not in self._contexts:
            self._contexts[key] = self._reshaped(key) or self._workshop.context(
                self._graph, dict(key)
            )
        self._contexts.move_to_end(key)
        self._of_frame.add(key)
        context = self._contexts[key]
        outputs = context.enqueue(inputs)
        if context.hindrance is not None and self._told is None:
            self._told = context.hindrance
            self._say(f"{self._graph.title} runs without CUDA graphs: {self._told}")
        return outputs

    def close(self) -> None:
        """Release engines, contexts and their memory."""
        if self._contexts:
            # What is queued still uses them.
            self.device.synchronize()
            self._contexts.clear()

    def _reshaped(self, key: Key) -> Optional[TensorrtContext]:
        """Return the context that was not used longest, for other shapes.

        None while there is room for one more, where the frame needs all that are there, since the
        next one would need them again, or where its engine does not take the shapes.
        """
        unused = self._unused()
        if len(self._contexts) < MOST_CONTEXTS or not unused:
            return None
        # What is queued still uses it.
        self.device.synchronize()
        context = self._contexts.pop(unused[0])
        return context if context.reshape(dict(key)) else None

    def _unused(self) -> List[Key]:
        """Return what the frame has not used, the longest unused first."""
        return [key for key in self._contexts if key not in self._of_frame]


class TensorrtBackend(Backend):
    """Makes TensorRT engines for one GPU.

    Args:
        index: number of the GPU.
        say: told what takes time, such as building an engine.
        exact: build engines for exactly the sizes of frames that come, which are faster.

    Raises:
        BackendUnavailableError: no TensorRT, no CuPy, no GPU of that number.
    """

    name = "tensorrt"
    device: Device
    proof: Proof
    precision = "fp16"

    def __init__(self, index: int, say: Say, *, exact: bool = False) -> None:
        trt = load_tensorrt()
        self.device = CudaDevice(index)
        self._say = say
        self.workshop = Workshop(trt, self.device, Shelf(), say, exact=exact)
        self.proof = self.workshop.proof

    def load(self, graph: bytes, threads: int) -> Engine:
        """Read `graph`; what it is built for is known when the first frame comes."""
        return TensorrtEngine(read_graph(graph), self.workshop, self.device, self._say)
