"""Rules on the model as a whole: versions, inputs and outputs, forbidden operators, limits."""

from __future__ import annotations

import math
from typing import AbstractSet, Iterator, Tuple

from onnx import TensorProto

from pcsr_edge.export.dialect.operators import (
    CONTROL_FLOW,
    DATA_DEPENDENT,
    OPERATORS,
    SCATTER,
)
from pcsr_edge.export.dialect.rule import Check, Rule
from pcsr_edge.export.dialect.view import GraphView

MAX_OPSET = 17
MIN_OPSET = 13
MAX_IR = 8
MAX_RANK = 8
MAX_VOLUME = 2**31


def _opset(view: GraphView) -> Iterator[str]:
    if view.opset > MAX_OPSET:
        yield f"the model uses opset {view.opset}, at most {MAX_OPSET} is read correctly"


def _softmax_opset(view: GraphView) -> Iterator[str]:
    if view.opset < MIN_OPSET:
        for node in view.nodes("Softmax", "LogSoftmax"):
            yield f"{view.where(node)} has opset {view.opset}, expected {MIN_OPSET} or later"


def _ir_version(view: GraphView) -> Iterator[str]:
    if view.model.ir_version > MAX_IR:
        yield f"the model has IR version {view.model.ir_version}, at most {MAX_IR} is read"


def _domain(view: GraphView) -> Iterator[str]:
    for node in view.nodes():
        if node.domain not in ("", "ai.onnx"):
            yield f"{view.where(node)} belongs to the domain {node.domain!r}"


def _io_of_type(element_type: int) -> Check:
    def check(view: GraphView) -> Iterator[str]:
        for kind, values in (("input", view.inputs), ("output", view.outputs)):
            for value in values:
                if value.type.tensor_type.elem_type == element_type:
                    yield f"graph {kind} {value.name}"

    return check


def _forbidden(operators: AbstractSet[str]) -> Check:
    def check(view: GraphView) -> Iterator[str]:
        for node in view.nodes(*operators):
            yield view.where(node)

    return check


def _unknown_operator(view: GraphView) -> Iterator[str]:
    # The others have rules that say more.
    known = OPERATORS.keys() | DATA_DEPENDENT | CONTROL_FLOW | SCATTER
    for node in view.nodes():
        if node.op_type not in known:
            yield view.where(node)


def _rank(view: GraphView) -> Iterator[str]:
    for name, shape in view.shapes.items():
        if len(shape) > MAX_RANK:
            yield f"tensor {name} has {len(shape)} dimensions"


def _volume(view: GraphView) -> Iterator[str]:
    for name, shape in view.shapes.items():
        # A dynamic dimension is at least 1.
        if math.prod(1 if size is None else size for size in shape) >= MAX_VOLUME:
            yield f"tensor {name} of shape {shape}"


MODEL_RULES: Tuple[Rule, ...] = (
    Rule("opset", "TensorRT 8 reads newer operators silently wrong", _opset),
    Rule("softmax-opset", "older Softmax flattens its input to two dimensions", _softmax_opset),
    Rule("ir-version", "the ONNX library inside TensorRT 8 does not know newer ones", _ir_version),
    Rule("standard-domain", "TensorRT has no such operators without plugins", _domain),
    Rule(
        "int64-io",
        "its binding is INT32 in TensorRT 8 and INT64 from 10 on; declare INT32",
        _io_of_type(TensorProto.INT64),
    ),
    Rule("bool-io", "use INT8 or INT32 at the border of an engine", _io_of_type(TensorProto.BOOL)),
    Rule(
        "data-dependent-shape",
        "it is unsupported, or it forbids static memory and CUDA graphs",
        _forbidden(DATA_DEPENDENT),
    ),
    Rule("control-flow", "TensorRT does not fuse across it", _forbidden(CONTROL_FLOW)),
    Rule("scatter", "duplicates have no defined order; gather instead", _forbidden(SCATTER)),
    Rule("unknown-operator", "TensorRT 8.5 does not document it, or not fully", _unknown_operator),
    Rule("rank", f"TensorRT takes {MAX_RANK} dimensions at most", _rank),
    Rule("volume", "TensorRT takes less than 2^31 elements; tile", _volume),
)
