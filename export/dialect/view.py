"""A model as the rules look at it: nodes, attributes, constants, element types and shapes."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Optional, Tuple

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

Shape = Tuple[Optional[int], ...]
"""None is a dynamic dimension."""


class GraphView:
    """Read-only look at a model's main graph; types and shapes are inferred where possible."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = model
        inferred = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
        self.inputs: List[onnx.ValueInfoProto] = list(inferred.input)
        self.outputs: List[onnx.ValueInfoProto] = list(inferred.output)
        self._nodes: List[onnx.NodeProto] = list(inferred.node)
        self.constants: Dict[str, npt.NDArray[Any]] = {
            tensor.name: numpy_helper.to_array(tensor) for tensor in inferred.initializer
        }
        """Name → value, of initializers and of Constant nodes."""
        self.types: Dict[str, int] = {t.name: t.data_type for t in inferred.initializer}
        """Name → element type (`TensorProto`)."""
        self.shapes: Dict[str, Shape] = {t.name: tuple(t.dims) for t in inferred.initializer}
        """Name → shape, where it is known."""
        for value in (*inferred.input, *inferred.output, *inferred.value_info):
            self._add_value(value)
        for node in self.nodes("Constant"):
            self._add_constant(node)

    def _add_value(self, value: onnx.ValueInfoProto) -> None:
        tensor = value.type.tensor_type
        self.types[value.name] = tensor.elem_type
        if tensor.HasField("shape"):
            self.shapes[value.name] = tuple(
                dim.dim_value if dim.HasField("dim_value") else None for dim in tensor.shape.dim
            )

    def _add_constant(self, node: onnx.NodeProto) -> None:
        value = self.attribute(node, "value")
        if value is None:
            given = node.attribute[0]
            dtype = np.float32 if given.name.startswith("value_float") else np.int64
            array = np.asarray(helper.get_attribute_value(given), dtype=dtype)
        else:
            array = numpy_helper.to_array(value)
        self.constants[node.output[0]] = array
        self.types[node.output[0]] = helper.np_dtype_to_tensor_dtype(array.dtype)
        self.shapes[node.output[0]] = array.shape

    @property
    def opset(self) -> int:
        """Version of the standard operators; 1 where the model names none."""
        versions = [o.version for o in self.model.opset_import if o.domain in ("", "ai.onnx")]
        return max(versions, default=1)

    def nodes(self, *operators: str) -> Iterator[onnx.NodeProto]:
        """Go through the nodes, of the given operators only if any are given."""
        return (node for node in self._nodes if not operators or node.op_type in operators)

    @staticmethod
    def attribute(node: onnx.NodeProto, name: str, default: Any = None) -> Any:
        """Return the value of an attribute; texts are str."""
        for attribute in node.attribute:
            if attribute.name == name:
                value = helper.get_attribute_value(attribute)
                return value.decode() if isinstance(value, bytes) else value
        return default

    @staticmethod
    def where(node: onnx.NodeProto) -> str:
        """Name a node, as violations do."""
        return f"node {node.name or node.output[0]!s} ({node.op_type})"

    def type_of(self, name: str) -> int:
        """Return the element type of a tensor, `UNDEFINED` where it is unknown."""
        return self.types.get(name, TensorProto.UNDEFINED)

    def rank(self, name: str) -> Optional[int]:
        """Return the number of dimensions of a tensor, None where it is unknown."""
        shape = self.shapes.get(name)
        return None if shape is None else len(shape)

    def producer(self, name: str) -> Optional[onnx.NodeProto]:
        """Return the node that makes a tensor."""
        return next((node for node in self._nodes if name in node.output), None)

    def given(self, node: onnx.NodeProto, index: int) -> Optional[str]:
        """Return the name of input `index`, None where it is left out."""
        return node.input[index] if index < len(node.input) and node.input[index] else None

    def lacks_constant(self, node: onnx.NodeProto, index: int) -> bool:
        """Tell whether input `index` is given but not a constant."""
        name = self.given(node, index)
        return name is not None and name not in self.constants


def type_name(element_type: int) -> str:
    """Spell an element type."""
    return str(TensorProto.DataType.Name(element_type))
