"""How many numbers a graph holds at one time: what decides the size of a tile."""

from __future__ import annotations

import math
from typing import Dict, Set

import onnx
from onnx import numpy_helper


def peak_floats_per_cell(model: onnx.ModelProto) -> int:
    """Return the most activations that live together while `model` runs, per LR pixel.

    A tensor lives from the node that makes it to the last node that reads it; graph outputs
    live on to the end. Constants are not counted, nor what an engine takes beyond: that is
    measured, in `runtime.footprint`.

    Args:
        model: a backbone graph; its dynamic dimensions are those of the image, so that the
            product of a tensor's other dimensions is its size per LR pixel, times what
            DepthToSpace and Resize (by constant scales) have enlarged it.
    """
    sizes = _sizes_per_cell(model)
    last_use = _last_uses(model)
    live: Set[str] = {value.name for value in model.graph.input}
    peak = 0
    for index, node in enumerate(model.graph.node):
        live.update(node.output)
        peak = max(peak, sum(sizes[name] for name in live))
        live = {name for name in live if last_use[name] > index}
    return peak


def _sizes_per_cell(model: onnx.ModelProto) -> Dict[str, int]:
    graph = onnx.shape_inference.infer_shapes(model, strict_mode=True).graph
    density = _densities(model)
    # The declared outputs come last: inference knows less of them.
    return {
        value.name: density.get(value.name, 1)
        * math.prod(max(1, dim.dim_value) for dim in value.type.tensor_type.shape.dim)
        for value in (*graph.value_info, *graph.input, *graph.output)
    }


def _densities(model: onnx.ModelProto) -> Dict[str, int]:
    """Return tensor → its pixels per LR pixel, of what is larger than the image."""
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    densities: Dict[str, int] = {}
    for node in model.graph.node:
        density = max([1, *(densities.get(name, 1) for name in node.input)])
        if node.op_type == "DepthToSpace":
            density *= next(a.i for a in node.attribute if a.name == "blocksize") ** 2
        elif node.op_type == "SpaceToDepth":
            density //= next(a.i for a in node.attribute if a.name == "blocksize") ** 2
        elif node.op_type == "Resize":
            density *= round(math.prod(numpy_helper.to_array(constants[node.input[2]]).tolist()))
        densities.update(dict.fromkeys(node.output, density))
    return densities


def _last_uses(model: onnx.ModelProto) -> Dict[str, int]:
    """Return tensor → index of the last node that needs it."""
    uses: Dict[str, int] = {value.name: -1 for value in model.graph.input}
    for index, node in enumerate(model.graph.node):
        uses.update(dict.fromkeys((*node.input, *node.output), index))
    uses.update(dict.fromkeys((value.name for value in model.graph.output), len(model.graph.node)))
    return uses
