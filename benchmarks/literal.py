"""edge-SR as one would export it: layer by layer as published, for the benchmark alone."""

from __future__ import annotations

from typing import List, Optional

import numpy as np
import onnx
import torch
from onnx import TensorProto
from torch import nn

from pcsr_edge.export.channel_padding import plain_layout
from pcsr_edge.export.graph_builder import GraphBuilder
from pcsr_edge.export.layers import Call, array, write_prelu
from pcsr_edge.models import EdgeSR, OneChannel
from pcsr_edge.models.edge_sr import EdgeSRCNN, EdgeSRMax, EdgeSRTransformer
from pcsr_edge.models.peers import ESPCN


def literal_graph(model: OneChannel) -> onnx.ModelProto:
    """Write `y` (1, 1, h, w) to `sr` (1, 1, h*scale, w*scale): convolutions, shuffle, reduction."""
    builder = GraphBuilder("literal", "fp32")
    out = builder.input("y", TensorProto.FLOAT, [1, 1, "h", "w"])
    for index, layer in enumerate(model.hidden):
        name = f"layer_{index}"
        if isinstance(layer, nn.Conv2d):
            out = _convolution(builder, name, out, layer.weight, layer.bias)
        elif isinstance(layer, nn.PReLU):
            layout = plain_layout(layer.num_parameters)
            out = write_prelu(Call(builder, layer, name, name, out, layout, layout))
        else:
            out = builder.node("Tanh", name, [out])
    out = _convolution(builder, "last", out, *model.last)
    scale = model.config.scale
    name = "shuffled" if isinstance(model, (EdgeSR, ESPCN)) else "sr"
    sr = builder.node("DepthToSpace", name, [out], blocksize=scale, mode="CRD")
    if isinstance(model, EdgeSR):
        sr = _joined(builder, model, sr)
    elif isinstance(model, ESPCN):
        sr = builder.node("Sigmoid", "sr", [sr])
    builder.output(sr, TensorProto.FLOAT, [1, 1, "H", "W"])
    return builder.build({})


def _convolution(
    builder: GraphBuilder,
    name: str,
    source: str,
    weight: torch.Tensor,
    bias: Optional[torch.Tensor],
) -> str:
    inputs = [source, builder.weight(f"{name}.weight", array(weight))]
    if bias is not None:
        inputs.append(builder.weight(f"{name}.bias", array(bias)))
    radius = weight.shape[-1] // 2
    return builder.node(
        "Conv", name, inputs, kernel_shape=list(weight.shape[2:]), pads=[radius] * 4
    )


def _joined(builder: GraphBuilder, model: EdgeSR, shuffled: str) -> str:
    if isinstance(model, EdgeSRMax):
        return builder.node("ReduceMax", "sr", [shuffled], axes=[1], keepdims=1)
    counts = builder.constant("counts", np.full(model.groups, model.channels, dtype=np.int64))
    names: List[str] = ["value", "query", "key"] if model.groups == 3 else ["value", "key"]
    parts = builder.split_node("Split", "parts", [shuffled, counts], names, axis=1)
    logits = parts[-1]
    if isinstance(model, EdgeSRTransformer):
        logits = builder.node("Mul", "logits", parts[1:])
    elif isinstance(model, EdgeSRCNN):
        logits = builder.node("Mul", "logits", [logits, logits])
    shares = builder.node("Softmax", "shares", [logits], axis=1)
    weighted = builder.node("Mul", "weighted", [parts[0], shares])
    axes = builder.constant("axes", np.asarray([1], dtype=np.int64))
    return builder.node("ReduceSum", "sr", [weighted, axes], keepdims=1)
