from __future__ import annotations

import numpy as np
import onnx.parser
import pytest

from pcsr_edge.calib.int8.layers import worthy_layers

HEAD = '<ir_version: 8, opset_import: ["" : 17]> g '


def parse(text, **weights):
    model = onnx.parser.parse_model(HEAD + text)
    for name, shape in weights.items():
        values = np.zeros(shape, np.float32)
        model.graph.initializer.append(onnx.numpy_helper.from_array(values, name))
    return model


def conv(inputs, outputs, group=1):
    return parse(
        f"(float[1, {inputs}, h, w] x) => (float[1, {outputs}, a, b] z)"
        f" {{ [layer] z = Conv<group = {group}>(x, k) }}",
        k=(outputs, inputs // group, 1, 1),
    )


def product(inputs, outputs, transposed=1):
    return parse(
        f"(float[n, {inputs}] x) => (float[n, {outputs}] z)"
        f" {{ [layer] z = Gemm<transB = {transposed}>(x, k) }}",
        k=(outputs, inputs) if transposed else (inputs, outputs),
    )


@pytest.mark.parametrize(
    "model", [conv(16, 16), conv(32, 32, group=2), product(32, 3)], ids=["conv", "groups", "gemm"]
)
def test_wide_layers_are_worth_it(model):
    assert worthy_layers(model) == ["layer"]


@pytest.mark.parametrize(
    "model",
    [conv(3, 32), conv(32, 8), conv(32, 32, group=4), product(31, 32), product(32, 32, 0)],
    ids=["picture", "few-outputs", "narrow-groups", "narrow-gemm", "repetition"],
)
def test_others_are_not(model):
    assert worthy_layers(model) == []


def test_a_graph_that_mostly_stays_in_float_is_left_alone():
    model = parse(
        "(float[1, 16, h, w] x) => (float[1, 8, a, b] z) { [c] y = Conv(x, k) [d] z = Conv(y, l) }",
        k=(16, 16, 1, 1),
        l=(8, 16, 3, 3),
    )
    assert worthy_layers(model) == []
