from __future__ import annotations

import numpy as np
import onnx.parser
import pytest

from pcsr_edge.calib.int8.ranges import FINDERS, activation_ranges
from pcsr_edge.errors import EngineError

GRAPH = onnx.parser.parse_model(
    '<ir_version: 8, opset_import: ["" : 17]> g (float[1, 1, h, w] x) => (float[1, 1, h, w] z)'
    " <float[1, 1, 1, 1] k = {2}> { y = Conv(x, k) z = Relu(y) }"
).SerializeToString()


def call(values):
    return {"x": np.asarray(values, np.float32).reshape(1, 1, 1, -1)}


@pytest.mark.parametrize("finder", FINDERS)
def test_every_tensor_around_the_layers_gets_a_range(finder):
    found = activation_ranges(GRAPH, [call(np.linspace(-1, 1, 5000))], finder)
    assert set(found) == {"x", "y", "z"}
    assert found["x"] == pytest.approx(1, rel=0.02)
    assert found["z"] == pytest.approx(2, rel=0.02)


def test_calls_of_several_sizes_add_up():
    calls = [call(np.linspace(0, 1, 500)), call(np.linspace(0, 3, 800))]
    assert activation_ranges(GRAPH, calls, "percentile")["x"] == pytest.approx(3, rel=0.02)


def test_a_rare_value_does_not_count():
    values = np.append(np.linspace(0, 1, 50_000), 50)
    assert activation_ranges(GRAPH, [call(values)], "percentile")["x"] < 2


def test_nothing_is_printed(capsys):
    activation_ranges(GRAPH, [call([0, 1])], "percentile")
    assert capsys.readouterr() == ("", "")


def test_a_graph_that_cannot_run_is_an_error_of_ours():
    with pytest.raises(EngineError, match="cannot find ranges"):
        activation_ranges(GRAPH, [{"y": np.zeros(1, np.float32)}], "percentile")
