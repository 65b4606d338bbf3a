"""Unsigned activations for the CPU."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pcsr_edge.runtime.quantization import with_unsigned_activations

onnx = pytest.importorskip("onnx")


def graph() -> Any:
    """Return x → Relu → rounded as positive → rounded as any → z."""
    make, tensor = onnx.helper.make_node, onnx.numpy_helper.from_array
    nodes = [make("Relu", ["x"], ["r"])]
    for source, target, kind in (("r", "y", "_of_positive"), ("y", "z", "")):
        grid = [f"{source}/scale{kind}", f"{source}/zero{kind}"]
        nodes.append(make("QuantizeLinear", [source, *grid], [f"{source}q"]))
        nodes.append(make("DequantizeLinear", [f"{source}q", *grid], [target]))
    constants = [
        tensor(np.array(values), name)
        for name, values in {
            "r/scale_of_positive": np.float32(0.1),
            "r/zero_of_positive": np.int8(0),
            "y/scale": np.float32(0.2),
            "y/zero": np.int8(0),
        }.items()
    ]
    info = onnx.helper.make_tensor_value_info
    sides = [[info(name, onnx.TensorProto.FLOAT, ["n"])] for name in "xz"]
    made = onnx.helper.make_graph(nodes, "g", *sides, constants)
    opset = [onnx.helper.make_opsetid("", 17)]
    return onnx.helper.make_model(made, ir_version=8, opset_imports=opset)


def constants(content: bytes) -> Any:
    model = onnx.load_model_from_string(content)
    onnx.checker.check_model(model, full_check=True)
    return {t.name: onnx.numpy_helper.to_array(t) for t in model.graph.initializer}


def test_what_a_relu_makes_becomes_unsigned() -> None:
    found = constants(with_unsigned_activations(graph().SerializeToString()))
    assert found["r/zero_of_positive"].dtype == np.uint8
    assert found["r/scale_of_positive"] == pytest.approx(0.1 * 127 / 255)


def test_other_activations_stay_signed() -> None:
    found = constants(with_unsigned_activations(graph().SerializeToString()))
    assert found["y/zero"].dtype == np.int8
    assert found["y/scale"] == np.float32(0.2)


def test_other_graphs_stay_as_they_are() -> None:
    assert with_unsigned_activations(b"no graph at all") == b"no graph at all"
