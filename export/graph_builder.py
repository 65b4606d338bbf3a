"""Writes one ONNX graph node by node, with names a reader recognises and no dead parts."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Sequence, Union

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from pcsr_edge.errors import ExportError

OPSET = 17
IR_VERSION = 8
PRODUCER = "pcsr-edge"

Precision = str
"""`fp32` or `fp16`."""
PRECISIONS: Mapping[Precision, int] = {"fp32": TensorProto.FLOAT, "fp16": TensorProto.FLOAT16}
"""Precision → element type of weights and of tensors between nodes."""
Dim = Union[int, str]


class GraphBuilder:
    """Collects nodes in the order in which they run; a node is named like its first output.

    Args:
        name: of the graph.
        precision: `fp32` or `fp16`, the type of weights and intermediate tensors.
    """

    def __init__(self, name: str, precision: Precision) -> None:
        self.name = name
        self.element_type = PRECISIONS[precision]
        self._dtype = np.dtype(helper.tensor_dtype_to_np_dtype(self.element_type))
        self._inputs: List[onnx.ValueInfoProto] = []
        self._outputs: List[onnx.ValueInfoProto] = []
        self._nodes: List[onnx.NodeProto] = []
        self._constants: Dict[str, onnx.TensorProto] = {}

    def input(self, name: str, element_type: int, shape: Sequence[Dim]) -> str:
        """Declare a graph input; dimensions given by name are dynamic."""
        self._inputs.append(helper.make_tensor_value_info(name, element_type, list(shape)))
        return name

    def output(self, name: str, element_type: int, shape: Sequence[Dim]) -> None:
        """Declare the tensor `name` as a graph output."""
        self._outputs.append(helper.make_tensor_value_info(name, element_type, list(shape)))

    def weight(self, name: str, values: npt.NDArray[Any]) -> str:
        """Store a constant in the graph's precision, and return the name it got.

        Raises:
            ExportError: a value is NaN, infinite, or too large for the precision.
        """
        with np.errstate(over="ignore"):
            converted = np.ascontiguousarray(values, dtype=self._dtype)
        if not np.isfinite(converted).all():
            weight = f"weight {name} of {self.name}"
            if not np.isfinite(values).all():
                raise ExportError(
                    f"{weight} holds NaN or infinity; export an earlier checkpoint, or train again"
                )
            raise ExportError(
                f"{weight} holds a value beyond the range of {self._dtype.name} (largest "
                f"{np.abs(values).max():.3g}); train the network further, or export fp32 only"
            )
        return self._store(name, converted)

    def constant(self, name: str, values: npt.NDArray[Any]) -> str:
        """Store a constant with its own dtype, and return the name it got."""
        return self._store(name, values)

    def _store(self, name: str, values: npt.NDArray[Any]) -> str:
        # Layers that are called several times share their constants; a layer that is folded
        # with two different others does not.
        number, unique = 1, name
        while True:
            tensor = numpy_helper.from_array(values, unique)
            if self._constants.setdefault(unique, tensor) == tensor:
                return unique
            number += 1
            unique = f"{name}_{number}"

    def node(self, operator: str, name: str, inputs: Sequence[str], **attributes: Any) -> str:
        """Append a node with one output, and return the output's name (the node's)."""
        return self.split_node(operator, name, inputs, [name], **attributes)[0]

    def split_node(
        self,
        operator: str,
        name: str,
        inputs: Sequence[str],
        outputs: Sequence[str],
        **attributes: Any,
    ) -> List[str]:
        """Append a node with several outputs, and return their names."""
        node = helper.make_node(operator, list(inputs), list(outputs), name=name, **attributes)
        self._nodes.append(node)
        return list(outputs)

    def cast(self, name: str, tensor: str, element_type: int) -> str:
        """Append a Cast."""
        return self.node("Cast", name, [tensor], to=element_type)

    def build(self, metadata: Mapping[str, str]) -> onnx.ModelProto:
        """Assemble the model and check it against the ONNX specification.

        Raises:
            ExportError: the graph is not valid ONNX.
        """
        graph = helper.make_graph(
            self._nodes, self.name, self._inputs, self._outputs, list(self._constants.values())
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name=PRODUCER,
        )
        helper.set_model_props(model, dict(metadata))
        try:
            onnx.checker.check_model(model, full_check=True)
        except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as exc:
            raise ExportError(f"the graph {self.name} is not valid ONNX: {exc}") from exc
        return model


def model_bytes(model: onnx.ModelProto) -> bytes:
    """Serialise a model; equal models give equal bytes."""
    return bytes(model.SerializeToString(deterministic=True))
