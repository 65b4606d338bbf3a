"""The graph of an upsampler or the classifier: gather per cell and phase, then the MLP."""

from __future__ import annotations

from onnx import TensorProto
from torch import nn

from pcsr_edge.export.graph_builder import GraphBuilder
from pcsr_edge.export.layers import array
from pcsr_edge.models.mlp import GEOMETRY_INPUTS, PixelMLP


def write_mlp(mlp: PixelMLP, builder: GraphBuilder, output: str) -> None:
    """Write `mlp` for n queries.

    Inputs: `projection` (cells, width) in the graph's precision, `cell` and `phase` int32 (n,),
    `geometry` float32 (P, 4). Output: `output` float32 (n, outputs). The first layer is
    projection[cell] + (geometry · W_gᵀ + b)[phase].
    """
    width = mlp.first.out_features
    projection = builder.input("projection", builder.element_type, ["cells", width])
    cell = builder.input("cell", TensorProto.INT32, ["n"])
    phase = builder.input("phase", TensorProto.INT32, ["n"])
    table = _write_table(mlp, builder)
    of_cell = builder.node("Gather", "projection_of_cell", [projection, cell], axis=0)
    of_phase = builder.node("Gather", "row_of_phase", [table, phase], axis=0)
    linears = [layer for layer in mlp.rest if isinstance(layer, nn.Linear)]
    names = _Names(output, len(linears), builder.element_type != TensorProto.FLOAT)
    hidden = builder.node("Add", names.layer(0), [of_cell, of_phase])
    for index, linear in enumerate(linears, start=1):
        active = builder.node("Relu", f"active_{index - 1}", [hidden])
        hidden = _write_linear(builder, linear, index, names.layer(index), active)
    if names.cast:
        hidden = builder.cast(output, hidden, TensorProto.FLOAT)
    outputs = linears[-1].out_features if linears else width
    builder.output(hidden, TensorProto.FLOAT, ["n", outputs])


class _Names:
    """Names of the layers' results; the last one is the output, unless a Cast follows."""

    def __init__(self, output: str, layers: int, cast: bool) -> None:
        self.cast = cast
        self._output, self._last = output, layers

    def layer(self, index: int) -> str:
        if index == self._last and not self.cast:
            return self._output
        return f"layer_{index}"


def _write_table(mlp: PixelMLP, builder: GraphBuilder) -> str:
    geometry = builder.input("geometry", TensorProto.FLOAT, ["phases", GEOMETRY_INPUTS])
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
