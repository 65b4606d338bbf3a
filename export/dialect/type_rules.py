"""Rules on element types."""

from __future__ import annotations

from typing import Iterator, List, Tuple

import onnx
from onnx import TensorProto

from pcsr_edge.export.dialect.operators import LETTERS, OPERATORS, data_inputs
from pcsr_edge.export.dialect.rule import Rule
from pcsr_edge.export.dialect.view import GraphView, type_name

TYPES = frozenset().union(*LETTERS.values())


def _data(node: onnx.NodeProto) -> List[str]:
    """Return the names of a node's data inputs."""
    if node.op_type == "Where":
        return list(node.input[1:])
    if node.op_type == "ConstantOfShape":
        return []
    return [name for name in node.input[: data_inputs(node.op_type, len(node.input))] if name]


def _element_type(view: GraphView) -> Iterator[str]:
    for name, element_type in view.types.items():
        if element_type not in TYPES and element_type != TensorProto.UNDEFINED:
            yield f"tensor {name} is {type_name(element_type)}"


def _operand_type(view: GraphView) -> Iterator[str]:
    for node in view.nodes():
        allowed = OPERATORS.get(node.op_type)
        for name in _data(node):
            element_type = view.type_of(name)
            # UINT8 has its own rule, and other types are offences already.
            judged = element_type in TYPES and element_type != TensorProto.UINT8
            if allowed is not None and judged and element_type not in allowed:
                yield f"{view.where(node)} takes {name}, which is {type_name(element_type)}"


def _mixed_types(view: GraphView) -> Iterator[str]:
    for node in view.nodes():
        types = {view.type_of(name) for name in _data(node)} - {TensorProto.UNDEFINED}
        if len(types) > 1 and node.op_type in OPERATORS:
            yield f"{view.where(node)} mixes {', '.join(sorted(map(type_name, types)))}"


def _uint8_inside(view: GraphView) -> Iterator[str]:
    outputs = {value.name for value in view.outputs}
    for node in view.nodes():
        if node.op_type == "Cast":
            continue
        for name in (*node.input, *node.output):
            if view.type_of(name) == TensorProto.UINT8:
                yield f"{view.where(node)} uses {name}, which is UINT8"
    for node in view.nodes("Cast"):
        if view.type_of(node.output[0]) == TensorProto.UINT8 and node.output[0] not in outputs:
            yield f"{view.where(node)} makes UINT8 that is no graph output"


def _uint8_cast(view: GraphView) -> Iterator[str]:
    for node in view.nodes("Cast"):
        types = {view.type_of(node.input[0]), view.type_of(node.output[0])}
        if TensorProto.UINT8 in types and not types & LETTERS["f"]:
            yield f"{view.where(node)} casts {' and '.join(sorted(map(type_name, types)))}"


def _uint8_rounding(view: GraphView) -> Iterator[str]:
    for node in view.nodes("Cast"):
        if view.type_of(node.output[0]) != TensorProto.UINT8:
            continue
        rounding = view.producer(node.input[0])
        if rounding is None or rounding.op_type not in ("Round", "Floor"):
            yield f"{view.where(node)} is not fed by Clip and Round"
            continue
        clip = view.producer(rounding.input[0])
        if clip is None or clip.op_type not in ("Clip", "Add"):
            yield f"{view.where(node)} is not fed by Clip and Round"


def _constant_of_shape(view: GraphView) -> Iterator[str]:
    for node in view.nodes("ConstantOfShape"):
        element_type = view.type_of(node.output[0])
        if element_type != TensorProto.FLOAT:
            yield f"{view.where(node)} makes {type_name(element_type)}"


TYPE_RULES: Tuple[Rule, ...] = (
    Rule("element-type", "TensorRT 8.5 has no such type, or narrows it", _element_type),
    Rule("operand-type", "TensorRT 8.5 does not document it", _operand_type),
    Rule("mixed-types", "TensorRT 11 is strongly typed; add a Cast", _mixed_types),
    Rule("uint8-inside", "UINT8 is for graph inputs and outputs; Cast at once", _uint8_inside),
    Rule("uint8-cast", "TensorRT 8.5 casts UINT8 from and to floating point only", _uint8_cast),
    Rule("uint8-rounding", "the cast cuts off; Clip and Round first", _uint8_rounding),
    Rule("constant-of-shape", "TensorRT 8.5 fills with FLOAT only", _constant_of_shape),
)
