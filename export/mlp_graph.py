"""The graphs of an upsampler or the classifier: for chosen queries, and for all of some cells."""

from __future__ import annotations

from typing import List

import numpy as np
from onnx import TensorProto
from torch import nn

from pcsr_edge.export.graph_builder import Dim, GraphBuilder
from pcsr_edge.export.layers import array
from pcsr_edge.models.mlp import GEOMETRY_INPUTS, PixelMLP

REPEAT_BY_PRODUCT = 24
"""Up to this width, a product with a wide identity repeats rows faster than broadcasting does."""


def write_mlp(mlp: PixelMLP, builder: GraphBuilder, output: str) -> None:
    """Write `mlp` for n queries.

    Inputs: `projection` (cells, width) in the graph's precision, `cell` and `phase` int32 (n,),
    `geometry` float32 (P, 4). Output: `output` float32 (n, outputs). The first layer is
    projection[cell] + (geometry · W_gᵀ + b)[phase].
    """
    projection = builder.input(
        "projection", builder.element_type, ["cells", mlp.first.out_features]
    )
    cell = builder.input("cell", TensorProto.INT32, ["n"])
    phase = builder.input("phase", TensorProto.INT32, ["n"])
    table = _write_table(mlp, builder)
    of_cell = builder.node("Gather", "projection_of_cell", [projection, cell], axis=0)
    of_phase = builder.node("Gather", "row_of_phase", [table, phase], axis=0)
    names = _names(mlp, builder, output)
    hidden = builder.node("Add", names.layer(0), [of_cell, of_phase])
    if _linears(mlp):
        hidden = builder.node("Relu", "active_0", [hidden])
    _write_rest(mlp, builder, names, hidden, "n")


def write_dense_mlp(mlp: PixelMLP, builder: GraphBuilder, output: str, phases: int) -> None:
    """Write `mlp` for all phases of n cells: the numbers of `write_mlp`, without its gathering.

    Inputs: `projection` (n, width) in the graph's precision, `geometry` float32 (phases, 4).
    Output: `output` float32 (n*phases, outputs), the phases of a cell one behind the other.
    """
    width = mlp.first.out_features
    projection = builder.input("projection", builder.element_type, ["cells", width])
    table = _write_table(mlp, builder, phases)
    names = _names(mlp, builder, output)
    every = _write_every_phase(builder, projection, table, phases, width)
    if _linears(mlp):
        every = builder.node("Relu", "active_0", [every])
    rows = builder.constant("one_query_a_row", np.asarray([-1, width], dtype=np.int64))
    hidden = builder.node("Reshape", names.layer(0), [every, rows])
    _write_rest(mlp, builder, names, hidden, "queries")


def _write_every_phase(
    builder: GraphBuilder, projection: str, table: str, phases: int, width: int
) -> str:
    """Add every row of the table to every row of the projection."""
    if width > REPEAT_BY_PRODUCT:
        shape = builder.constant("one_cell_a_row", np.asarray([-1, 1, width], dtype=np.int64))
        cells = builder.node("Reshape", "cells_apart", [projection, shape])
        return builder.node("Add", "every_phase", [cells, table])
    # x*1 + 0 + … + 0 is x: the product repeats each row `phases` times, exactly.
    repeat = builder.weight("repeat", np.tile(np.eye(width), phases))
    shape = builder.constant("one_row", np.asarray([1, phases * width], dtype=np.int64))
    row = builder.node("Reshape", "table_as_row", [table, shape])
    return builder.node("Gemm", "every_phase", [projection, repeat, row])


class _Names:
    """Names of the layers' results; the last one is the output, unless a Cast follows."""

    def __init__(self, output: str, layers: int, cast: bool) -> None:
        self.cast = cast
        self.output, self._last = output, layers

    def layer(self, index: int) -> str:
        if index == self._last and not self.cast:
            return self.output
        return f"layer_{index}"


def _names(mlp: PixelMLP, builder: GraphBuilder, output: str) -> _Names:
    return _Names(output, len(_linears(mlp)), builder.element_type != TensorProto.FLOAT)


def _linears(mlp: PixelMLP) -> List[nn.Linear]:
    return [layer for layer in mlp.rest if isinstance(layer, nn.Linear)]


def _write_rest(
    mlp: PixelMLP, builder: GraphBuilder, names: _Names, hidden: str, queries: str
) -> None:
    """Write the layers after the first one's activation, and declare the output."""
    outputs = mlp.first.out_features
    for index, linear in enumerate(_linears(mlp), start=1):
        if index > 1:
            hidden = builder.node("Relu", f"active_{index - 1}", [hidden])
        hidden = _write_linear(builder, linear, index, names.layer(index), hidden)
        outputs = linear.out_features
    if names.cast:
        hidden = builder.cast(names.output, hidden, TensorProto.FLOAT)
    builder.output(hidden, TensorProto.FLOAT, [queries, outputs])


def _write_table(mlp: PixelMLP, builder: GraphBuilder, phases: Dim = "phases") -> str:
    geometry = builder.input("geometry", TensorProto.FLOAT, [phases, GEOMETRY_INPUTS])
    if builder.element_type != TensorProto.FLOAT:
        geometry = builder.cast("network_geometry", geometry, builder.element_type)
    columns = array(mlp.first.weight)[:, mlp.feature_channels :]
    weight = builder.weight("first.weight", columns)
    bias = builder.weight("first.bias", array(mlp.first.bias))
    return builder.node("Gemm", "phase_table", [geometry, weight, bias], transB=1)


def _write_linear(
    builder: GraphBuilder, linear: nn.Linear, index: int, name: str, tensor: str
) -> str:
    weight = builder.weight(f"layer_{index}.weight", array(linear.weight))
    bias = builder.weight(f"layer_{index}.bias", array(linear.bias))
    return builder.node("Gemm", name, [tensor, weight, bias], transB=1)
