"""The table of operators: the element types of each, and which inputs are data."""

from __future__ import annotations

import pytest
from onnx import TensorProto, defs

from pcsr_edge.export.dialect.operators import (
    CONTROL_FLOW,
    DATA_DEPENDENT,
    DATA_INPUTS,
    OPERATORS,
    SCATTER,
    VARIADIC,
    data_inputs,
)


@pytest.mark.parametrize("name", sorted(OPERATORS))
def test_every_operator_is_one_of_onnx(name: str) -> None:
    assert defs.has(name)


def test_lists_of_operators_name_operators() -> None:
    assert set(DATA_INPUTS) <= set(OPERATORS)
    assert set(OPERATORS) >= VARIADIC
    assert all(defs.has(name) for name in DATA_DEPENDENT | CONTROL_FLOW | SCATTER)


@pytest.mark.parametrize(
    ("operator", "element", "taken"),
    [
        ("Conv", TensorProto.FLOAT16, True),
        ("Conv", TensorProto.INT32, False),
        ("Gather", TensorProto.BOOL, True),
        ("DepthToSpace", TensorProto.INT64, True),
        ("Resize", TensorProto.INT8, False),
        ("Cast", TensorProto.UINT8, True),
        ("Add", TensorProto.UINT8, False),
    ],
)
def test_element_types(operator: str, element: int, taken: bool) -> None:
    assert (element in OPERATORS[operator]) is taken


@pytest.mark.parametrize(
    ("operator", "inputs", "data"),
    [("Conv", 2, 2), ("Conv", 3, 3), ("Gather", 2, 1), ("Concat", 5, 5), ("Resize", 4, 1)],
)
def test_data_come_first(operator: str, inputs: int, data: int) -> None:
    assert data_inputs(operator, inputs) == data
