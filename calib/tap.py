"""A backend that lets somebody look at every call of its engines."""

from __future__ import annotations

import hashlib
from typing import Callable, Dict

from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.engine import Array, Arrays, Backend, Engine

Tap = Callable[[str, Arrays, Arrays], None]
"""Receives the name of a graph, the inputs of a call, and its outputs, to be left as they are.

Several threads may call it at once.
"""


class TappedBackend(Backend):
    """Runs another backend; nothing is heard before `listening` is set.

    A model that is loaded may call its engines to time them, which is nobody's business.

    Args:
        backend: what runs.
        bundle: tells the graphs' names.
        precision: of the graphs that will be loaded.
        tap: what listens.
    """

    def __init__(self, backend: Backend, bundle: Bundle, precision: str, tap: Tap) -> None:
        self.name, self._backend, self._tap = backend.name, backend, tap
        self._names: Dict[str, str] = bundle.hashes(precision)
        self.listening = False

    def load(self, graph: bytes, threads: int) -> Engine:
        """Compile `graph`; see `Backend.load`."""
        name = self._names[hashlib.sha256(graph).hexdigest()]
        return _TappedEngine(self._backend.load(graph, threads), name, self)

    def cancel(self) -> None:
        """Stop every engine; see `Backend.cancel`."""
        self._backend.cancel()

    def heard(self, graph: str, inputs: Arrays, outputs: Arrays) -> None:
        """Pass a call on."""
        if self.listening:
            self._tap(graph, inputs, outputs)


class _TappedEngine(Engine):
    def __init__(self, engine: Engine, graph: str, backend: TappedBackend) -> None:
        self._engine, self._graph, self._backend = engine, graph, backend

    def run(self, inputs: Arrays) -> Dict[str, Array]:
        outputs = self._engine.run(inputs)
        self._backend.heard(self._graph, inputs, outputs)
        return outputs

    def close(self) -> None:
        self._engine.close()
