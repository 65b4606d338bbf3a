"""What runs a graph: the narrow interface that every backend fulfils.

A backend turns the bytes of one ONNX graph into an `Engine`; an engine maps named arrays to
named arrays. Nothing else in the runtime knows which backend is in use.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Callable, Dict, Mapping, Optional, Type

import numpy.typing as npt

Array = npt.NDArray[Any]
Arrays = Mapping[str, Array]


class Engine:
    """One compiled graph. Subclasses define `run_impl`, and `close` if they hold resources.

    `run` may be called from several threads at once.
    """

    def run(self, inputs: Arrays) -> Dict[str, Array]:
        """Run the graph once.

        Args:
            inputs: every input by name, with the dtype and rank that the graph declares.

        Returns:
            every output by name; the arrays belong to the caller.

        Raises:
            EngineError: the backend refused the inputs or failed.
        """
        return self.run_impl(inputs)

    def run_impl(self, inputs: Arrays) -> Dict[str, Array]:
        """Do the work of `run`."""
        raise TypeError(f"{type(self).__name__} does not define run_impl")

    def close(self) -> None:
        """Release what the engine holds; it must not run afterwards."""

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()


class Backend:
    """Makes engines. Subclasses set `name` and define `load`."""

    name: str
    """As the command line and reports spell it, e.g. `onnxruntime-cpu`."""

    def load(self, graph: bytes, threads: int, keep_memory: bool = False) -> Engine:
        """Compile the ONNX graph `graph` for `threads` CPU threads per call.

        Args:
            graph: content of the file.
            threads: per call.
            keep_memory: keep scratch memory from call to call, where the backend gives it back
                otherwise: faster, for calls whose size is bounded.

        Raises:
            EngineError: the graph cannot be compiled.
        """
        raise TypeError(f"{type(self).__name__} does not define load")


class FakeEngine(Engine):
    """An engine made of a Python function, for tests without a backend."""

    def __init__(self, function: Callable[[Arrays], Dict[str, Array]]) -> None:
        self._function = function

    def run_impl(self, inputs: Arrays) -> Dict[str, Array]:
        """Call the function."""
        return self._function(inputs)
