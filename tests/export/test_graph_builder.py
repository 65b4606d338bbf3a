"""The graph builder."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto

from pcsr_edge.errors import ExportError
from pcsr_edge.export.graph_builder import GraphBuilder, model_bytes


def doubling(precision: str = "fp32") -> GraphBuilder:
    builder = GraphBuilder("doubling", precision)
    x = builder.input("x", builder.element_type, ["n"])
    two = builder.weight("two", np.array(2.0))
    builder.output(builder.node("Mul", "y", [x, two]), builder.element_type, ["n"])
    return builder


def test_versions_are_those_that_tensorrt_8_reads() -> None:
    model = doubling().build({})
    assert (model.ir_version, [o.version for o in model.opset_import]) == (8, [17])


def test_metadata_is_stored() -> None:
    model = doubling().build({"name": "a", "scale": "4"})
    assert {p.key: p.value for p in model.metadata_props} == {"name": "a", "scale": "4"}


def test_nodes_are_named_like_their_output() -> None:
    (node,) = doubling().build({}).graph.node
    assert node.name == "y"
    assert list(node.output) == ["y"]


@pytest.mark.parametrize(
    ("precision", "element_type"), [("fp32", TensorProto.FLOAT), ("fp16", TensorProto.FLOAT16)]
)
def test_weights_have_the_precision(precision: str, element_type: int) -> None:
    (constant,) = doubling(precision).build({}).graph.initializer
    assert constant.data_type == element_type


def test_building_twice_gives_equal_bytes() -> None:
    assert model_bytes(doubling().build({"a": "b"})) == model_bytes(doubling().build({"a": "b"}))


def test_equal_constants_of_one_name_are_stored_once() -> None:
    builder = doubling()
    assert builder.weight("two", np.array(2.0)) == "two"
    assert len(builder.build({}).graph.initializer) == 1


def test_other_constants_of_one_name_get_another() -> None:
    builder = doubling()
    assert builder.weight("two", np.array(3.0)) == "two_2"
    assert builder.weight("two", np.array(4.0)) == "two_3"


@pytest.mark.parametrize("value", [1e5, -1e5])
def test_a_weight_that_float16_cannot_hold_is_refused(value: float) -> None:
    with pytest.raises(ExportError, match=r"gain of doubling.*fp32 only"):
        doubling("fp16").weight("gain", np.array([1.0, value]))


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_another_precision_does_not_mend_a_broken_weight(precision: str, value: float) -> None:
    with pytest.raises(ExportError, match=r"gain of doubling.*earlier checkpoint") as caught:
        doubling(precision).weight("gain", np.array([1.0, value]))
    assert "fp32" not in str(caught.value)


def test_an_invalid_graph_is_refused() -> None:
    builder = doubling()
    builder.node("Relu", "z", ["missing"])
    with pytest.raises(ExportError, match="doubling is not valid ONNX"):
        builder.build({})
