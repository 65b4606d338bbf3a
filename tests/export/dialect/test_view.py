"""A model as the rules look at it."""

from __future__ import annotations

from typing import Any

import pytest
from onnx import TensorProto
from support.onnx_text import parse

from pcsr_edge.export.dialect.view import GraphView, type_name

MODEL = """(float[n, 4] x) => (float[n, 4] y) <float[4] w = {1, 2, 3, 4}> {
    [scale] s = Constant <value_float: float = 2.0> ()
    [multiply] p = Mul(x, s)
    [clip] c = Clip(p, , s)
    [add] y = Add(c, w)
}"""


@pytest.fixture(name="view")
def _view() -> GraphView:
    return GraphView(parse(MODEL))


def node(view: GraphView, operator: str) -> Any:
    return next(view.nodes(operator))


def test_constants_are_initializers_and_constant_nodes(view: GraphView) -> None:
    assert view.constants["w"].tolist() == [1, 2, 3, 4]
    assert view.constants["s"] == 2


def test_types_and_shapes_are_inferred(view: GraphView) -> None:
    assert view.type_of("p") == TensorProto.FLOAT
    assert view.shapes["p"] == (None, 4)
    assert view.rank("s") == 0


def test_of_an_unknown_tensor_nothing_is_known(view: GraphView) -> None:
    assert view.type_of("?") == TensorProto.UNDEFINED
    assert view.rank("?") is None
    assert view.producer("?") is None


def test_an_input_that_is_left_out_is_not_given(view: GraphView) -> None:
    clip = node(view, "Clip")
    assert [view.given(clip, index) for index in range(4)] == ["p", None, "s", None]


def test_only_a_given_input_lacks_being_constant(view: GraphView) -> None:
    clip = node(view, "Clip")
    assert [view.lacks_constant(clip, index) for index in range(3)] == [True, False, False]


def test_nodes_are_found_by_operator_and_by_what_they_make(view: GraphView) -> None:
    assert [n.op_type for n in view.nodes("Add", "Mul")] == ["Mul", "Add"]
    made = view.producer("c")
    assert made is not None
    assert made.op_type == "Clip"


def test_a_node_is_named(view: GraphView) -> None:
    assert view.where(node(view, "Add")) in ("node add (Add)", "node y (Add)")


def test_the_opset_is_that_of_the_standard_operators(view: GraphView) -> None:
    assert view.opset == 17


def test_types_are_spelt() -> None:
    assert type_name(TensorProto.FLOAT16) == "FLOAT16"
