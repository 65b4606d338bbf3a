"""The twin of a float16 graph rounds where a device stores float16."""

from __future__ import annotations

from typing import Any, Callable

import numpy as np
import onnx.parser
import pytest
from support.networks import Run, signature

from pcsr_edge.export.graphs import graphs_of
from pcsr_edge.export.half_emulation import emulated_half
from pcsr_edge.models import PCSR


def graph(body: str) -> onnx.ModelProto:
    head = '<ir_version: 8, opset_import: ["" : 17]> g (float[n] x) => (float[n] z)'
    return onnx.parser.parse_model(f"{head} {{{body}}}")


HALF = "a = Cast<to = 10>(x) "


def test_values_between_nodes_are_rounded(run: Run) -> None:
    model = graph(f"{HALF} b = Mul(a, a) c = Add(b, b) z = Cast<to = 1>(c)")
    x = np.array([0.1, 0.7, 3.3], np.float32)
    half = x.astype(np.float16)
    expected = (half * half).astype(np.float16) * np.float16(2)
    assert np.array_equal(run(emulated_half(model), {"x": x})["z"], expected)


def test_overflow_between_nodes_is_seen(run: Run) -> None:
    model = graph(f"{HALF} b = Mul(a, a) c = Sqrt(b) z = Cast<to = 1>(c)")
    out = run(emulated_half(model), {"x": np.array([200.0, 300.0], np.float32)})["z"]
    assert out.tolist() == [200, np.inf]


def test_a_graph_without_float16_stays_as_it_is() -> None:
    model = graph("a = Mul(x, x) z = Relu(a)")
    assert emulated_half(model) == model


def test_nodes_without_float16_stay_as_they_are() -> None:
    model = graph("a = Mul(x, x) b = Cast<to = 10>(a) z = Cast<to = 1>(b)")
    assert list(emulated_half(model).graph.node[:2]) == list(model.graph.node[:2])


@pytest.mark.parametrize("name", ["backbone", "classifier", "upsampler_0"])
def test_signature_stays(name: str, make_model: Callable[..., PCSR]) -> None:
    model = graphs_of(make_model(), "fp16", {})[name]
    twin = emulated_half(model)
    assert signature(twin.graph.input) == signature(model.graph.input)
    assert signature(twin.graph.output) == signature(model.graph.output)


def test_twin_is_near_the_float32_graph(
    make_model: Callable[..., PCSR], run: Run, image: Any
) -> None:
    model = make_model("carn")
    exact = run(graphs_of(model, "fp32", {})["backbone"], {"image": image})["projection_0"]
    twin = emulated_half(graphs_of(model, "fp16", {})["backbone"])
    out = run(twin, {"image": image})["projection_0"]
    assert out.dtype == np.float16
    assert 1e-5 < np.abs(out - exact).max() < 1e-2
