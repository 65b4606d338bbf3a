"""A cascade's two graphs: the trunk with all that every cell needs, and the deep part."""

from __future__ import annotations

import copy
from typing import Dict, Mapping

import onnx
from onnx import TensorProto
from torch import nn

from pcsr_edge.export.channel_padding import plain_layout
from pcsr_edge.export.graph_builder import GraphBuilder, Precision
from pcsr_edge.export.layers import Call, array, write_layer
from pcsr_edge.export.phase_base import write_base, write_sum
from pcsr_edge.models import Cascade
from pcsr_edge.models.cascade import Convolutions


def cascade_graphs(
    model: Cascade, precision: Precision, metadata: Mapping[str, str]
) -> Dict[str, onnx.ModelProto]:
    """Write `trunk` and `deep`; `features` between them have the precision, the rest is float32.

    Convolutions are merged in double precision and rounded once.

    Raises:
        ExportError: a weight does not fit the precision.
    """
    double = copy.deepcopy(model).double()
    return {
        "trunk": _trunk_graph(double, precision, metadata),
        "deep": _deep_graph(double, precision, metadata),
    }


def _trunk_graph(
    model: Cascade, precision: Precision, metadata: Mapping[str, str]
) -> onnx.ModelProto:
    """Write `image` (1, 3, h, w) in [0, 1] to `features`, `gain` and `phases`, the light result.

    In float16 the picture itself and the bilinear base, which holds most of it, stay float32,
    and so does the exponential of the gain.
    """
    builder = GraphBuilder("trunk", precision)
    half = builder.element_type != TensorProto.FLOAT
    image = builder.input("image", TensorProto.FLOAT, [1, 3, "h", "w"])
    base = write_base(builder, image, model.config.scale)
    cells = builder.cast("network_input", image, builder.element_type) if half else image
    features = _convolutions(builder, "features", model.reparameterised_trunk(), cells)
    builder.output(features, builder.element_type, [1, model.config.channels, "h", "w"])
    light = _pointwise(builder, "light", model.light, features)
    first, last = model.gain[0], model.gain[2]
    assert isinstance(first, nn.Conv2d)
    assert isinstance(last, nn.Conv2d)
    hidden = builder.node("Relu", "gain_relu", [_pointwise(builder, "gain_first", first, features)])
    logarithm = _pointwise(builder, "gain_logarithm", last, hidden)
    if half:
        logarithm = builder.cast("gain_logarithm_float", logarithm, TensorProto.FLOAT)
    gain = builder.node("Exp", "gain", [logarithm])
    builder.output(gain, TensorProto.FLOAT, [1, 1, "h", "w"])
    write_sum(builder, light, base, model.config.scale)
    return builder.build(metadata)


def _deep_graph(
    model: Cascade, precision: Precision, metadata: Mapping[str, str]
) -> onnx.ModelProto:
    """Write `features` (n, C, s, s) of blocks with margins to `correction`, by phase."""
    config = model.config
    builder = GraphBuilder("deep", precision)
    half = builder.element_type != TensorProto.FLOAT
    side = config.block + 2 * config.margin
    features = builder.input("features", builder.element_type, ["n", config.channels, side, side])
    correction = _convolutions(
        builder, "half_correction" if half else "correction", model.reparameterised_deep(), features
    )
    if half:
        correction = builder.cast("correction", correction, TensorProto.FLOAT)
    builder.output(
        correction, TensorProto.FLOAT, ["n", 3 * config.scale**2, config.block, config.block]
    )
    return builder.build(metadata)


def _convolutions(builder: GraphBuilder, name: str, part: Convolutions, tensor: str) -> str:
    """Write the layers of `part`; the last one's result, and all nodes, are called `name`."""
    last, layout = len(part.layers) - 1, plain_layout(0)
    for index, layer in enumerate(part.layers):
        node = name if index == last else f"{name}_{index}"
        source = layout
        if isinstance(layer, nn.Conv2d):
            source, layout = plain_layout(layer.in_channels), plain_layout(layer.out_channels)
        tensor = write_layer(Call(builder, layer, f"{name}.{index}", node, tensor, source, layout))
    return tensor


def _pointwise(builder: GraphBuilder, name: str, layer: nn.Conv2d, tensor: str) -> str:
    assert layer.bias is not None
    weight = builder.weight(f"{name}.weight", array(layer.weight))
    bias = builder.weight(f"{name}.bias", array(layer.bias))
    return builder.node("Conv", name, [tensor, weight, bias], kernel_shape=[1, 1])
