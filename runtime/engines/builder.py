"""From an ONNX graph to the bytes of a TensorRT engine, with any TensorRT from 8.5 to 11.

Three things differ between its versions, and each is asked for by name: the flags of a network
(`_create_network`), its precision (`_set_precision`), and what came after 8.5
(`_set_optional`).
"""

from __future__ import annotations

from typing import Any, List, Mapping, NamedTuple

from pcsr_edge.errors import EngineError
from pcsr_edge.runtime.engines.graph import Graph
from pcsr_edge.runtime.engines.library import fresh_log, no_gpu, reason
from pcsr_edge.runtime.engines.shapes import Range


class Plan(NamedTuple):
    """A built engine."""

    content: bytes
    """What TensorRT reads again, on the same GPU with the same version."""
    timings: bytes
    """What it measured meanwhile: the next build takes less time with them."""


def build_plan(
    trt: Any, graph: Graph, ranges: Mapping[str, Range], *, workspace: int, timings: bytes
) -> Plan:
    """Build an engine; it takes seconds on a desktop GPU and up to minutes on a Jetson.

    Args:
        trt: the module `tensorrt`.
        graph: of a bundle; with FLOAT16 constants it becomes an FP16 engine.
        ranges: shapes of every input.
        workspace: bytes that a layer may use for itself while the engine is built and run.
        timings: of earlier builds on this GPU with this version; empty where there are none.

    Raises:
        BackendUnavailableError: CUDA does not start.
        EngineError: TensorRT refused the graph or found no way to run it; the message holds what
            it said.
    """
    log = fresh_log(trt)
    try:
        builder = trt.Builder(log)
    except TypeError as exc:  # what pybind makes of a factory that gave nothing
        raise no_gpu(exc) from exc
    network = _create_network(trt, builder)
    _parse(trt, log, network, graph)
    config = builder.create_builder_config()
    config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, workspace)
    _set_precision(trt, config, graph)
    _set_optional(config)
    _set_ranges(builder, network, config, ranges)
    _set_timings(config, timings)
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise EngineError(
            f"TensorRT {trt.__version__} cannot build an engine of {graph.title}: {reason(log)}"
            f"{_mending(log.errors)}"
        )
    return Plan(bytes(plan), bytes(config.get_timing_cache().serialize()))


def _create_network(trt: Any, builder: Any) -> Any:
    """Make a network whose types are those of the graph, where there is such a thing."""
    kinds = trt.NetworkDefinitionCreationFlag
    if hasattr(kinds, "STRONGLY_TYPED"):  # from 10.0
        return builder.create_network(1 << int(kinds.STRONGLY_TYPED))
    return builder.create_network(1 << int(kinds.EXPLICIT_BATCH))


def _parse(trt: Any, log: Any, network: Any, graph: Graph) -> None:
    parser = trt.OnnxParser(network, log)
    if parser.parse(graph.content):
        return
    found: List[str] = []
    for index in range(parser.num_errors):
        error = parser.get_error(index)
        found.append(f"{error.desc()} (node {error.node()})")
    raise EngineError(
        f"TensorRT {trt.__version__} cannot read the graph {graph.title}: "
        f"{'; '.join(found) or reason(log)}; export the bundle again with this release"
    )


def _set_precision(trt: Any, config: Any, graph: Graph) -> None:
    """Allow what the graph holds; a strongly typed network takes it from there, and no flag."""
    flags = trt.BuilderFlag
    if graph.precision == "fp32":
        # On by default: products would be rounded to 10 bits.
        config.clear_flag(flags.TF32)
    if hasattr(trt.NetworkDefinitionCreationFlag, "STRONGLY_TYPED"):
        return
    if graph.precision in ("fp16", "int8"):
        # Layers of an INT8 graph that are not quantized are faster so.
        config.set_flag(flags.FP16)
    if graph.precision == "int8":
        config.set_flag(flags.INT8)


def _set_optional(config: Any) -> None:
    if hasattr(config, "max_aux_streams"):  # from 8.6
        # All work belongs on the one stream that it was queued on.
        config.max_aux_streams = 0


def _set_ranges(builder: Any, network: Any, config: Any, ranges: Mapping[str, Range]) -> None:
    profile = builder.create_optimization_profile()
    for index in range(network.num_inputs):
        tensor = network.get_input(index)
        if tensor.name not in ranges:
            raise EngineError(
                f"the graph's input {tensor.name} was given no shape; known are {', '.join(ranges)}"
            )
        fitted = ranges[tensor.name].fitted(tuple(tensor.shape))
        profile.set_shape(tensor.name, fitted.least, fitted.usual, fitted.most)
    config.add_optimization_profile(profile)


def _set_timings(config: Any, timings: bytes) -> None:
    cache = config.create_timing_cache(timings)
    if cache is None or not config.set_timing_cache(cache, False):
        # Of another version or GPU, or damaged: an empty one always fits.
        config.set_timing_cache(config.create_timing_cache(b""), False)


def _mending(errors: List[str]) -> str:
    text = " ".join(errors).lower()
    if "memory" in text:
        return "; close what else uses the GPU, or take a smaller size: --tile 256"
    return "; take --device cuda or cpu for this model"
