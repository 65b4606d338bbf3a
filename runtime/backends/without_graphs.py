"""What runs a method that has no graphs: NumPy, in the method itself."""

from __future__ import annotations

from pcsr_edge.errors import EngineError
from pcsr_edge.runtime.engine import Backend, Engine


class WithoutGraphs(Backend):
    """Makes no engine."""

    name = "numpy"

    def load(self, graph: bytes, threads: int) -> Engine:
        """Refuse: what has graphs belongs on another backend.

        Raises:
            EngineError: always.
        """
        raise EngineError("backend numpy runs no graphs; take another backend for this bundle")
