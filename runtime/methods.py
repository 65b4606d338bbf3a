"""Which method runs a bundle."""

from __future__ import annotations

from concurrent.futures import Executor

from pcsr_edge.runtime.bicubic_method import BicubicMethod
from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.cache import cache_folder
from pcsr_edge.runtime.cascade_method import CascadeMethod
from pcsr_edge.runtime.cascade_strip import CascadeEngines
from pcsr_edge.runtime.device_frames.method import load_device_method
from pcsr_edge.runtime.edge_method import EdgeMethod
from pcsr_edge.runtime.engine import Backend, Engine
from pcsr_edge.runtime.graph_engine import load_engine
from pcsr_edge.runtime.method import Method
from pcsr_edge.runtime.network import Network
from pcsr_edge.runtime.patch_method import PatchMethod
from pcsr_edge.runtime.pcsr_method import PCSRMethod
from pcsr_edge.runtime.plain_method import PlainMethod
from pcsr_edge.runtime.tuning_cache import tuning_of


def load_method(
    bundle: Bundle, backend: Backend, precision: str, threads: int, pool: Executor
) -> Method:
    """Compile the graphs of `bundle`; frames are worked on by `pool`, of `threads` threads.

    Raises:
        BundleError: the bundle is damaged or lacks the precision.
        EngineError: a graph cannot be compiled.
    """

    def engine(graph: str) -> Engine:
        return load_engine(bundle, backend, graph, precision)

    method = bundle.manifest.method
    if backend.device is not None and bundle.manifest.graph_names():
        return load_device_method(bundle, backend, precision, threads, pool)
    if method == "bicubic":
        bundle.check_precision(precision)
        return BicubicMethod(bundle.manifest, threads, pool)
    if method == "cascade":
        engines = CascadeEngines(engine("trunk"), engine("deep"))
        return CascadeMethod(bundle.manifest, engines, threads, pool)
    if bundle.manifest.by_patch:
        subnets = [engine(name) for name in bundle.manifest.graph_names()]
        return PatchMethod(bundle, subnets, threads, pool)
    if method in ("plain", "edge-sr"):
        kind = PlainMethod if method == "plain" else EdgeMethod
        return kind(bundle.manifest, engine("network"), threads, pool)
    network = Network(bundle, backend, precision)
    folder = cache_folder()
    tuning = tuning_of(network, precision, backend.name, folder)
    return PCSRMethod(network, tuning, threads, pool)
