"""A float16 graph as a device computes it, for engines that compute it more exactly.

ONNX Runtime on a CPU has few float16 kernels. It runs the other nodes in float32 and leaves
out the rounding between them, so that a graph which overflows on a GPU looks sound there. The
twin made here rounds wherever float16 is stored, and adds up in float32, as tensor cores do.
"""

from __future__ import annotations

from typing import List, Set

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

WIDE = "/wide"
"""Added to a tensor's name: its float16 values, held as float32."""
EXACT = "/exact"
"""Added to a tensor's name: its values before they are rounded to float16."""


def emulated_half(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a graph with the signature of `model` that computes float16 nodes in float32.

    Every float16 tensor is rounded to float16 once, after the node that makes it.
    """
    half = _half_tensors(model)
    twin = onnx.ModelProto()
    twin.CopyFrom(model)
    graph = twin.graph
    constants = {tensor.name for tensor in graph.initializer}
    for tensor in graph.initializer:
        if tensor.name in half:
            values = numpy_helper.to_array(tensor).astype(np.float32)
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name + WIDE))
    nodes = [_widen(value.name) for value in graph.input if value.name in half - constants]
    for node in model.graph.node:
        nodes += _emulated_node(node, half)
    del graph.node[:]
    graph.node.extend(nodes)
    return twin


def _half_tensors(model: onnx.ModelProto) -> Set[str]:
    graph = onnx.shape_inference.infer_shapes(model, strict_mode=True).graph
    names = {t.name for t in graph.initializer if t.data_type == TensorProto.FLOAT16}
    for value in (*graph.input, *graph.output, *graph.value_info):
        if value.type.tensor_type.elem_type == TensorProto.FLOAT16:
            names.add(value.name)
    return names


def _emulated_node(node: onnx.NodeProto, half: Set[str]) -> List[onnx.NodeProto]:
    if not half.intersection((*node.input, *node.output)):
        return [node]
    made = [name for name in node.output if name in half]
    if node.op_type == "Cast":
        return [node, *(_widen(name) for name in made)]
    wide = onnx.NodeProto()
    wide.CopyFrom(node)
    wide.input[:] = [name + WIDE if name in half else name for name in node.input]
    wide.output[:] = [name + EXACT if name in half else name for name in node.output]
    nodes = [wide]
    for name in made:
        nodes.append(helper.make_node("Cast", [name + EXACT], [name], to=TensorProto.FLOAT16))
        nodes.append(_widen(name))
    return nodes


def _widen(name: str) -> onnx.NodeProto:
    return helper.make_node("Cast", [name], [name + WIDE], to=TensorProto.FLOAT)
