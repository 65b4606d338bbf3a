"""What runs a graph: the narrow interface that every backend fulfils.

A backend turns the bytes of one ONNX graph into an `Engine`; an engine maps named arrays to
named arrays. Nothing else in the runtime knows which backend is in use.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Callable, Dict, Mapping, Optional

import numpy as np
import numpy.typing as npt

from pcsr_edge.errors import EngineError
from pcsr_edge.runtime.closing import Closing

if TYPE_CHECKING:
    from pcsr_edge.runtime.device import Device
    from pcsr_edge.runtime.engines.proof import Proof
    from pcsr_edge.runtime.graph_shapes import GraphShapes

Array = npt.NDArray[Any]
Arrays = Mapping[str, Array]


class Engine(Closing):
    """One compiled graph. A backend defines `run`, and `close` if it holds resources."""

    @abstractmethod
    def run(self, inputs: Arrays) -> Dict[str, Array]:
        """Run the graph once; several threads may do so at once.

        Args:
            inputs: every input by name, with the dtype and rank that the graph declares.

        Returns:
            every output by name; the arrays belong to the caller.

        Raises:
            EngineError: the backend refused the inputs or failed.
        """

    # Most engines hold nothing that would not go with them.
    def close(self) -> None:
        """Release what the engine holds; it must not run afterwards."""


class Backend(ABC):
    """Makes engines. A backend sets `name` and defines `load`."""

    name: str
    """As the command line and reports spell it, e.g. `onnxruntime-cpu`."""
    precision: str = "fp32"
    """Of the graphs that run where none is asked for."""
    device: Optional[Device] = None
    """Where frames live from their pixels to those of the result; its engines are
    `DeviceEngine`s. None: in host memory, worked on in parts that fit the caches."""
    proof: Optional[Proof] = None
    """What its engines were held against, where they are built on the machine."""
    choice: Optional[str] = None
    """Why it was taken, where the device was `auto`."""

    @abstractmethod
    def load(self, graph: bytes, threads: int) -> Engine:
        """Compile the ONNX graph `graph` for `threads` CPU threads per call.

        Args:
            graph: content of the file.
            threads: per call.

        Raises:
            EngineError: the graph cannot be compiled.
        """

    # What cannot be stopped may run to its end.
    def cancel(self) -> None:  # noqa: B027
        """Make every engine of this backend stop soon and fail from now on; any thread may call."""


class CheckedEngine(Engine):
    """Runs another engine, and lets nothing out that is not finite or not as large as promised.

    NaN would become black or white pixels without a word, or vanish in the next ReLU.

    Args:
        engine: what runs; closed with this one.
        graph: its name in the bundle, for messages.
        shapes: what the manifest promises of it; None: nothing.
    """

    def __init__(self, engine: Engine, graph: str, shapes: Optional[GraphShapes] = None) -> None:
        self._engine, self._graph, self._shapes = engine, graph, shapes

    def run(self, inputs: Arrays) -> Dict[str, Array]:
        """Run the engine.

        Raises:
            EngineError: it failed, an output is not what the manifest promises, or holds NaN or
                infinity.
        """
        outputs = self._engine.run(inputs)
        wrong = None if self._shapes is None else self._shapes.mismatch(inputs, outputs)
        if wrong is not None:
            raise EngineError(
                f"{wrong}: manifest and graph do not belong together; export the bundle again"
            )
        for name, array in outputs.items():
            if not _is_finite(array):
                raise EngineError(
                    f"the graph {self._graph} gave NaN or infinity in its output {name}; with "
                    "float16 graphs take precision fp32, otherwise export or train the model again"
                )
        return outputs

    def close(self) -> None:
        """Release the engine."""
        self._engine.close()


def _is_finite(array: Array) -> bool:
    # A sum is not finite with any of its terms, and needs no second array, which would cost more
    # than the work; one that overflows alone is looked at again.
    total = np.einsum("i->", array.reshape(-1))
    return math.isfinite(total) or bool(np.isfinite(array).all())


class FakeEngine(Engine):
    """An engine made of a Python function, for tests without a backend."""

    def __init__(self, function: Callable[[Arrays], Dict[str, Array]]) -> None:
        self._function = function

    def run(self, inputs: Arrays) -> Dict[str, Array]:
        """Call the function."""
        return self._function(inputs)
