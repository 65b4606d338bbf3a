"""What runs a method that has no graphs: NumPy, in the method itself."""

from __future__ import annotations

from pcsr_edge.runtime.engine import Backend


class WithoutGraphs(Backend):
    """Makes no engine: `load` is never called."""

    name = "numpy"
