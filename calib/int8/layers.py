"""Which layers of a graph are worth int8."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Dict, List, Tuple

if TYPE_CHECKING:
    import onnx

LEAST_CHANNELS = 16
"""Of the inputs (per group) and the outputs of a convolution. The products of narrower ones take
less time than rounding does what they read and write; and the picture itself, which has 3 channels,
keeps its 8 bits: symmetric int8 would leave it 7."""
LEAST_WIDTH = 32
"""Of the inputs of a linear layer, likewise."""
LEAST_SHARE = 0.5
"""Of a graph's multiplications: with less in int8, going to and fro costs more than it saves."""


def worthy_layers(model: onnx.ModelProto) -> List[str]:
    """Return the names of the nodes of a float32 graph that are worth int8, in its order.

    There are none where they would hold less than `LEAST_SHARE` of the work.
    """
    shapes = {tensor.name: tuple(tensor.dims) for tensor in model.graph.initializer}
    work: Dict[str, int] = {}
    worthy: List[str] = []
    for node in model.graph.node:
        if node.op_type in ("Conv", "Gemm") and node.input[1] in shapes:
            shape = shapes[node.input[1]]
            work[node.name] = math.prod(shape)
            if _is_worthy(node, shape):
                worthy.append(node.name)
    share = sum(work[name] for name in worthy) / max(1, sum(work.values()))
    return worthy if share >= LEAST_SHARE else []


def _is_worthy(node: onnx.NodeProto, shape: Tuple[int, ...]) -> bool:
    if node.op_type == "Conv":
        return min(shape[0], shape[1]) >= LEAST_CHANNELS
    # Without transposition it is no layer but repeats rows, exactly (export/mlp_graph.py).
    return is_transposed(node) and shape[1] >= LEAST_WIDTH


def is_transposed(node: onnx.NodeProto) -> bool:
    """Tell whether a Gemm takes its weight as (outputs, inputs), as linear layers have it."""
    return any(attribute.name == "transB" and attribute.i for attribute in node.attribute)
