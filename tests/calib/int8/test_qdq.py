from __future__ import annotations

import numpy as np
import onnx.parser
import pytest
from onnx import numpy_helper

from pcsr_edge.calib.int8.qdq import places, quantized, weight_scale
from pcsr_edge.export.dialect import violations
from pcsr_edge.runtime.backends import OnnxRuntimeBackend

HEAD = '<ir_version: 8, opset_import: ["" : 17]> g '
RNG = np.random.default_rng(3)
X = RNG.uniform(-1, 1, (1, 2, 4, 5)).astype(np.float32)


def model(nodes, outputs="float[1, 2, h, w] z", **weights):
    """Parse a graph on `x` (1, 2, h, w) whose constants are random."""
    sizes = {"k": (2, 2, 1, 1), "l": (2, 2, 1, 1), "b": (2,), **weights}
    found = onnx.parser.parse_model(f"{HEAD} (float[1, 2, h, w] x) => ({outputs}) {{ {nodes} }}")
    for name, shape in sizes.items():
        if any(name in node.input for node in found.graph.node):
            values = RNG.normal(size=shape).astype(np.float32)
            found.graph.initializer.append(numpy_helper.from_array(values, name))
    return found


CHAIN = model("[c] y = Conv(x, k, b) [r] u = Relu(y) [d] z = Conv(u, l)")


def run(found, as_stored=True):
    with OnnxRuntimeBackend(as_stored).load(found.SerializeToString(), 1) as engine:
        return engine.run({"x": X})


def operators(found):
    return [node.op_type for node in found.graph.node]


def test_results_are_rounded_after_their_relu():
    found = places(CHAIN, {"c", "d"})
    assert (found.made, found.read, found.positive) == ({"u", "z"}, {"x"}, {"u"})


def test_what_a_relu_shares_is_rounded_before_it():
    shared = model(
        "[c] y = Conv(x, k) u = Relu(y) z = Add(u, y)",
    )
    assert places(shared, {"c"}).made == {"y"}


def test_the_last_product_is_not_rounded():
    mlp = model("[c] u = Gemm<transB = 1>(f, k) r = Relu(u) [d] z = Gemm<transB = 1>(r, l)")
    assert places(mlp, {"c", "d"}).made == {"r"}


def test_a_layer_and_its_relu_stay_together():
    found = quantized(CHAIN, {"c"}, {"x": 1.0, "u": 2.0})
    names = [node.name for node in found.graph.node]
    assert names.index("r") == names.index("c") + 1


def test_the_result_keeps_to_the_dialect():
    found = quantized(CHAIN, {"c", "d"}, {"x": 1.0, "u": 2.0, "z": 3.0})
    assert operators(found).count("QuantizeLinear") == 5
    assert violations(found) == []


def test_scales_cover_the_ranges():
    found = quantized(CHAIN, {"c"}, {"x": 0.5, "u": 2.0})
    constants = {t.name: numpy_helper.to_array(t) for t in found.graph.initializer}
    assert constants["x/scale"] == np.float32(0.5 / 127)
    assert constants["u/scale_of_positive"] == np.float32(2 / 127)
    assert constants["u/zero_of_positive"].dtype == np.int8


@pytest.mark.parametrize("as_stored", [True, False])
def test_values_stay_near(as_stored):
    exact = run(CHAIN)["z"]
    ranges = {"x": 1.0, "u": 4.0, "z": float(np.abs(exact).max())}
    found = run(quantized(CHAIN, {"c", "d"}, ranges), as_stored)["z"]
    difference = np.abs(found - exact).max()
    assert 0 < difference < 0.03 * np.abs(exact).max()


def test_unsigned_activations_are_finer():
    exact = run(CHAIN)["z"]
    found = quantized(CHAIN, {"c"}, {"x": 1.0, "u": 4.0})
    errors = [np.square(run(found, as_stored)["z"] - exact).mean() for as_stored in (True, False)]
    assert errors[1] < errors[0]


def test_others_read_the_picture_as_it_is():
    skip = model("[c] y = Conv(x, k) z = Add(x, y)")
    found = quantized(skip, {"c"}, {"x": 1.0, "y": 1.0})
    (add,) = [node for node in found.graph.node if node.op_type == "Add"]
    assert list(add.input) == ["x", "y/rounded"]


def test_an_output_that_is_rounded_keeps_its_name():
    two = model("[c] u = Conv(x, k) z = Conv(u, l)", "float[1, 2, h, w] u, float[1, 2, h, w] z")
    found = quantized(two, {"c"}, {"x": 1.0, "u": 1.0})
    (last,) = [node for node in found.graph.node if "z" in node.output]
    assert last.input[0] == "u"
    assert set(run(found)) == {"u", "z"}


def test_weights_are_rounded_by_the_graph():
    # TensorRT 8 may refuse constants in int8.
    found = quantized(CHAIN, {"c"}, {"x": 1.0, "u": 1.0})
    constants = {t.name: t.data_type for t in found.graph.initializer}
    assert constants["k"] == constants["b"] == onnx.TensorProto.FLOAT
    made = {name: node for node in found.graph.node for name in node.output}
    conv = next(node for node in found.graph.node if node.name == "c")
    back = made[conv.input[1]]
    assert [back.op_type, made[back.input[0]].op_type] == ["DequantizeLinear", "QuantizeLinear"]
    assert list(made[back.input[0]].input) == ["k", "k/scale", "k/zero"]
    assert conv.input[2] == "b"


def test_a_weight_of_two_layers_is_rounded_once():
    twice = model("[c] u = Conv(x, k) [d] z = Conv(u, k)")
    found = quantized(twice, {"c", "d"}, {"x": 1.0, "u": 1.0, "z": 1.0})
    assert [node.name for node in found.graph.node].count("k/round") == 1
    assert violations(found) == []


def test_steps_of_weights_are_per_output():
    scale = weight_scale(np.array([[1.0, -0.5], [100.0, 0.4]], np.float32))
    np.testing.assert_allclose(scale, [1 / 127, 100 / 127], rtol=1e-6)


def test_weights_of_zero_have_steps():
    assert (weight_scale(np.zeros((2, 3), np.float32)) > 0).all()
