"""The graph of a network of the edge-SR pool: channels are reduced before the pixel shuffle.

Written literally, such a network shuffles all channels into a picture scale² times larger and
takes its softmax there, over an axis that lies far apart in memory. Softmax, maximum and sum
act per SR pixel, so they commute with the shuffle: here they run on whole blocks of scale²
channels, and one shuffle of scale² channels is left.
"""

from __future__ import annotations

from typing import Dict, Mapping, Optional

import numpy as np
import onnx
import torch
from onnx import TensorProto
from torch import nn

from pcsr_edge.errors import ExportError
from pcsr_edge.export.channel_padding import plain_layout
from pcsr_edge.export.edge_join import write_join
from pcsr_edge.export.graph_builder import GraphBuilder, Precision
from pcsr_edge.export.layers import Call, array, write_prelu
from pcsr_edge.models import EdgeSR, OneChannel
from pcsr_edge.models.peers import ESPCN

CHANNEL_BLOCK = 16
"""Channels that ONNX Runtime's convolutions compute at a time on AVX-512; 8 elsewhere."""


def edge_graph(
    model: OneChannel, precision: Precision, metadata: Mapping[str, str]
) -> onnx.ModelProto:
    """Write `y` (1, 1, h, w) in [0, 1] to `sr` (1, 1, H, W), not clipped.

    No convolution pads: the picture comes with as many pixels around it as the network sees, r
    on each side, and H is (h - 2r)·scale. So parts of a picture need no cutting to size, and
    what lies outside is the caller's choice. Both are float32 in every precision.

    Raises:
        ExportError: a weight does not fit the precision, or a layer is not known here.
    """
    builder = GraphBuilder("network", precision)
    y = builder.input("y", TensorProto.FLOAT, [1, 1, "h", "w"])
    half = builder.element_type != TensorProto.FLOAT
    out = builder.cast("network_input", y, builder.element_type) if half else y
    for index, layer in enumerate(model.hidden):
        out = _write_hidden(builder, layer, f"hidden_{index}", out)
    phases = _write_last(builder, model, out)
    name = "shuffled" if half else "sr"
    sr = builder.node("DepthToSpace", name, [phases], blocksize=model.config.scale, mode="CRD")
    if half:
        sr = builder.cast("sr", sr, TensorProto.FLOAT)
    builder.output(sr, TensorProto.FLOAT, [1, 1, "H", "W"])
    return builder.build(metadata)


def _write_hidden(builder: GraphBuilder, layer: nn.Module, name: str, source: str) -> str:
    if isinstance(layer, nn.Conv2d):
        return _convolution(builder, name, source, layer.weight, layer.bias)
    if isinstance(layer, nn.Tanh):
        return builder.node("Tanh", name, [source])
    if isinstance(layer, nn.PReLU):
        layout = plain_layout(layer.num_parameters)
        return write_prelu(Call(builder, layer, name, name, source, layout, layout))
    raise ExportError(f"layer {name} is a {type(layer).__name__}, which no edge-SR network has")


def _convolution(
    builder: GraphBuilder,
    name: str,
    source: str,
    weight: torch.Tensor,
    bias: Optional[torch.Tensor] = None,
) -> str:
    inputs = [source, builder.weight(f"{name}.weight", array(weight))]
    if bias is not None:
        inputs.append(builder.weight(f"{name}.bias", array(bias)))
    return builder.node("Conv", name, inputs, kernel_shape=list(weight.shape[2:]))


def _write_last(builder: GraphBuilder, model: OneChannel, source: str) -> str:
    if isinstance(model, EdgeSR):
        return write_join(model, builder, _Blocks(builder, source))
    phases = _convolution(builder, "phases", source, *model.last)
    if isinstance(model, ESPCN):
        return builder.node("Sigmoid", "bounded", [phases])
    return phases


class _Blocks:
    """Convolutions that make scale² channels each.

    Where a block fills what a kernel computes at a time, each is a convolution of its own:
    its outputs are used soon, and lie together. Smaller ones share a convolution, which is
    split.
    """

    def __init__(self, builder: GraphBuilder, source: str) -> None:
        self._builder, self._source = builder, source

    def __call__(self, kernels: Mapping[str, torch.Tensor]) -> Dict[str, str]:
        """Write blocks, name → (scale², inputs, K, K); return name → tensor."""
        sizes = [len(kernel) for kernel in kernels.values()]
        if sizes[0] >= CHANNEL_BLOCK or len(sizes) == 1:
            return {
                name: _convolution(self._builder, name, self._source, kernel)
                for name, kernel in kernels.items()
            }
        joined = _convolution(
            self._builder, ",".join(kernels), self._source, torch.cat(list(kernels.values()))
        )
        counts = self._builder.constant("block_sizes", np.asarray(sizes, dtype=np.int64))
        outputs = self._builder.split_node(
            "Split", "blocks", [joined, counts], list(kernels), axis=1
        )
        return dict(zip(kernels, outputs))
