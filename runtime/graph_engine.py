"""The engine of one graph of a bundle, whose outputs are held against the manifest."""

from __future__ import annotations

from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.engine import Backend, CheckedEngine, Engine
from pcsr_edge.runtime.graph_shapes import GraphShapes


def load_engine(bundle: Bundle, backend: Backend, graph: str, precision: str = "fp32") -> Engine:
    """Compile a graph for one thread a call: several calls run at once.

    Raises:
        BundleError: the bundle is damaged or lacks the precision.
        EngineError: the graph cannot be compiled.
    """
    engine = backend.load(bundle.graph(graph, precision), 1)
    return CheckedEngine(engine, graph, GraphShapes(bundle.manifest, graph))
