"""The graphs of a supernet: one per subnet, the weights stored in the widest one's alone."""

from __future__ import annotations

from typing import Dict, Mapping

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

from pcsr_edge.export.backbone_graph import write_features
from pcsr_edge.export.graph_builder import GraphBuilder, Precision
from pcsr_edge.export.phase_base import write_base
from pcsr_edge.models import Supernet


def subnet_name(index: int) -> str:
    """Return the name of a subnet's graph, counted from the widest."""
    return f"subnet_{index}"


def supernet_graphs(
    model: Supernet, precision: Precision, metadata: Mapping[str, str]
) -> Dict[str, onnx.ModelProto]:
    """Write each subnet, complete with its weights.

    Raises:
        ExportError: a layer cannot be translated, or a weight does not fit the precision.
    """
    return {
        subnet_name(index): _subnet_graph(model, index, precision, metadata)
        for index in range(len(model.config.widths))
    }


def _subnet_graph(
    model: Supernet, index: int, precision: Precision, metadata: Mapping[str, str]
) -> onnx.ModelProto:
    """Write `image` (n, 3, h, w) in [0, 1] to `phases` (n, 3·scale², h, w), not clipped.

    Both are float32 in every precision, and so is what the network's output is added to: the
    bilinear base, which holds most of a picture, or the mean.
    """
    config = model.config
    builder = GraphBuilder(subnet_name(index), precision)
    half = builder.element_type != TensorProto.FLOAT
    image = builder.input("image", TensorProto.FLOAT, ["n", 3, "h", "w"])
    base = write_base(builder, image, config.scale) if config.residual else ""
    centred = image
    mean = np.asarray(config.mean, dtype=np.float32)
    if mean.any():
        constant = builder.constant("mean", mean.reshape(1, 3, 1, 1))
        centred = builder.node("Sub", "centred", [image, constant])
    if half:
        centred = builder.cast("network_input", centred, builder.element_type)
    out, _ = write_features(model.subnet(index), builder, centred, as_stored=True)
    if half:
        out = builder.cast("network_output", out, TensorProto.FLOAT)
    if base:
        out = builder.node("Add", "phases", [out, base])
    elif mean.any():
        spread = mean.repeat(config.scale**2).reshape(1, -1, 1, 1)
        out = builder.node("Add", "phases", [out, builder.constant("mean_phases", spread)])
    else:
        out = builder.node("Identity", "phases", [out])
    builder.output(out, TensorProto.FLOAT, ["n", 3 * config.scale**2, "h", "w"])
    return builder.build(metadata)


def without_shared(graph: onnx.ModelProto, widest: onnx.ModelProto) -> onnx.ModelProto:
    """Return `graph` without the values of constants that are corners of the widest one's.

    `runtime.shared_weights` puts them in again.
    """
    known = {t.name: numpy_helper.to_array(t) for t in widest.graph.initializer}
    out = onnx.ModelProto()
    out.CopyFrom(graph)
    for tensor in out.graph.initializer:
        values, source = numpy_helper.to_array(tensor), known.get(tensor.name)
        if source is None or source.dtype != values.dtype or source.ndim != values.ndim:
            continue
        corner = source[tuple(slice(size) for size in values.shape)]
        if values.size and corner.shape == values.shape and np.array_equal(corner, values):
            tensor.ClearField("raw_data")
    return out
