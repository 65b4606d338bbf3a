"""Writes QuantizeLinear and DequantizeLinear around the layers of a graph.

`onnxruntime.quantization.quantize_static` would write other places: docs/decisions.md says why
that is not wanted here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, AbstractSet, Any, Dict, List, Mapping, Set

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.quantization import (
    POSITIVE_SCALE,
    POSITIVE_ZERO,
    SCALE,
    SIGNED_STEPS,
    ZERO,
)

if TYPE_CHECKING:
    import onnx

LEAST_SCALE = 1e-8
"""Of weights and activations that are 0 throughout."""
Ranges = Mapping[str, float]
"""Tensor → greatest |value| that is not clipped."""


@dataclass(frozen=True)
class Places:
    """Tensors that are rounded to int8."""

    made: AbstractSet[str]
    """Results of int8 layers, after their ReLU; every node takes the rounded ones."""
    read: AbstractSet[str]
    """Other inputs of int8 layers; these alone take the rounded ones."""
    positive: AbstractSet[str]
    """Those of both that a ReLU makes."""

    @property
    def all(self) -> AbstractSet[str]:
        """Every tensor whose range must be known."""
        return self.made | self.read


def places(model: onnx.ModelProto, layers: AbstractSet[str]) -> Places:
    """Return the tensors of `model` that are rounded when the nodes `layers` run in int8."""
    readers = _readers(model)
    outputs = {value.name for value in model.graph.output}
    inputs = {node.input[0] for node in model.graph.node if node.name in layers}
    made: Set[str] = set()
    for node in model.graph.node:
        if node.name not in layers:
            continue
        tensor = _after_relu(node.output[0], readers, outputs)
        # A convolution of ONNX Runtime must round its result to be one in int8, a product need not.
        if node.op_type == "Conv" or tensor in inputs:
            made.add(tensor)
    positive = {node.output[0] for node in model.graph.node if node.op_type == "Relu"}
    return Places(made, inputs - made, positive & (made | inputs))


def _readers(model: onnx.ModelProto) -> Dict[str, List[onnx.NodeProto]]:
    readers: Dict[str, List[onnx.NodeProto]] = {}
    for node in model.graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    return readers


def _after_relu(
    tensor: str, readers: Mapping[str, List[onnx.NodeProto]], outputs: AbstractSet[str]
) -> str:
    """Return what a ReLU makes of `tensor` where nothing else reads it, else `tensor`."""
    found = readers.get(tensor, [])
    if len(found) == 1 and found[0].op_type == "Relu" and tensor not in outputs:
        return str(found[0].output[0])
    return tensor


def quantized(model: onnx.ModelProto, layers: AbstractSet[str], ranges: Ranges) -> onnx.ModelProto:
    """Return `model` with the nodes `layers` in int8; inputs and outputs stay float32.

    Activations are symmetric with zero point 0, weights too and per output channel. Weights are
    stored as float32 in front of both nodes, which round them; biases stay float32.

    Args:
        model: float32.
        layers: names of Conv and Gemm nodes whose weights are constants.
        ranges: of every tensor of `places`.
    """
    return _Writer(model, layers, ranges).write()


@dataclass
class _Writer:
    model: onnx.ModelProto
    layers: AbstractSet[str]
    ranges: Ranges
    nodes: List[onnx.NodeProto] = field(default_factory=list)
    constants: List[onnx.TensorProto] = field(default_factory=list)
    returned: Set[str] = field(default_factory=set)
    """Weights whose nodes are written; several layers may read one."""

    def __post_init__(self) -> None:
        from onnx import numpy_helper

        self.places = places(self.model, self.layers)
        self.outputs = {value.name for value in self.model.graph.output}
        self.weights = {t.name: numpy_helper.to_array(t) for t in self.model.graph.initializer}

    def write(self) -> onnx.ModelProto:
        import onnx

        for value in self.model.graph.input:
            if value.name in self.places.read:
                self._round(value.name, value.name)
        for node in self.model.graph.node:
            self._copy(node)
        out = onnx.ModelProto()
        out.CopyFrom(self.model)
        del out.graph.node[:], out.graph.initializer[:]
        out.graph.node.extend(self.nodes)
        out.graph.initializer.extend([*self.model.graph.initializer, *self.constants])
        onnx.checker.check_model(out, full_check=True)
        return out

    def _copy(self, node: onnx.NodeProto) -> None:
        import onnx

        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        for index, name in enumerate(node.input):
            takes_rounded = name in self.places.read and node.name in self.layers and index == 0
            if name in self.places.made or takes_rounded:
                copy.input[index] = self._rounded(name)
        if node.name in self.layers:
            copy.input[1] = self._rounded_weight(node)
        self.nodes.append(copy)
        for index, name in enumerate(node.output):
            if name in self.places.made and name in self.outputs:
                # The graph's output keeps its name, and is the rounded tensor.
                copy.output[index] = f"{name}/exact"
                self._round(name, copy.output[index])
            elif name in self.places.all:
                self._round(name, name)

    def _rounded(self, tensor: str) -> str:
        """Return the name of a tensor after it is rounded."""
        is_output = tensor in self.places.made and tensor in self.outputs
        return tensor if is_output else f"{tensor}/rounded"

    def _round(self, tensor: str, source: str) -> None:
        """Write the two nodes that round `source`, which is `tensor` before it is rounded."""
        positive = tensor in self.places.positive
        scale, zero = (POSITIVE_SCALE, POSITIVE_ZERO) if positive else (SCALE, ZERO)
        step = np.float32(max(self.ranges[tensor] / SIGNED_STEPS, LEAST_SCALE))
        grid = [
            self._constant(tensor + scale, np.asarray(step)),
            self._constant(tensor + zero, np.asarray(0, dtype=np.int8)),
        ]
        self._node("QuantizeLinear", f"{tensor}/round", [source, *grid], f"{tensor}/int8")
        self._node(
            "DequantizeLinear",
            f"{tensor}/return",
            [f"{tensor}/int8", *grid],
            self._rounded(tensor),
        )

    def _rounded_weight(self, node: onnx.NodeProto) -> str:
        name = node.input[1]
        if name not in self.returned:
            self.returned.add(name)
            scale = weight_scale(self.weights[name])
            grid = [
                self._constant(name + SCALE, scale),
                self._constant(name + ZERO, np.zeros(len(scale), dtype=np.int8)),
            ]
            # The first axis counts the outputs, of convolutions and of linear layers.
            axis = {"axis": 0}
            # As int8 constants they would take a quarter, but TensorRT 8 may refuse these.
            steps = f"{name}/int8"
            self._node("QuantizeLinear", f"{name}/round", [name, *grid], steps, axis)
            inputs = [steps, *grid]
            self._node("DequantizeLinear", f"{name}/return", inputs, f"{name}/rounded", axis)
        return f"{name}/rounded"

    def _constant(self, name: str, values: npt.NDArray[np.generic]) -> str:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(values, name))
        return name

    def _node(
        self,
        operator: str,
        name: str,
        inputs: List[str],
        output: str,
        attributes: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        from onnx import helper

        self.nodes.append(helper.make_node(operator, inputs, [output], name=name, **attributes))


def weight_scale(weight: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the steps that a weight (outputs, …) is rounded in: (outputs,)."""
    rows = np.abs(weight.reshape(len(weight), -1))
    return np.asarray(np.maximum(rows.max(axis=1) / SIGNED_STEPS, LEAST_SCALE), dtype=np.float32)
