"""Which method runs a bundle."""

from __future__ import annotations

from concurrent.futures import Executor

from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.cascade_method import CascadeMethod
from pcsr_edge.runtime.cascade_strip import CascadeEngines
from pcsr_edge.runtime.engine import Backend
from pcsr_edge.runtime.method import Method
from pcsr_edge.runtime.network import Network
from pcsr_edge.runtime.pcsr_method import PCSRMethod
from pcsr_edge.runtime.plain_method import PlainMethod


def load_method(
    bundle: Bundle, backend: Backend, precision: str, threads: int, pool: Executor
) -> Method:
    """Compile the graphs of `bundle`; frames are worked on by `pool`, of `threads` threads.

    Raises:
        BundleError: the bundle is damaged or lacks the precision.
        EngineError: a graph cannot be compiled.
    """
    if bundle.manifest.method == "plain":
        engine = backend.load(bundle.graph("network", precision), 1)
        return PlainMethod(bundle.manifest, engine, threads, pool)
    if bundle.manifest.method == "cascade":
        # One thread a call: several calls run at once.
        trunk = backend.load(bundle.graph("trunk", precision), 1)
        deep = backend.load(bundle.graph("deep", precision), 1)
        return CascadeMethod(bundle.manifest, CascadeEngines(trunk, deep), threads, pool)
    return PCSRMethod(Network(bundle, backend, precision, threads), pool)
