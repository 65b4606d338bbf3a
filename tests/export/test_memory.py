"""Peak memory of a graph."""

from __future__ import annotations

from typing import Callable

import onnx.parser

from pcsr_edge.export.graphs import graphs_of
from pcsr_edge.export.memory import peak_floats_per_cell
from pcsr_edge.models import PCSR


def graph(body: str, outputs: str = "float[1, 3, h, w] z") -> onnx.ModelProto:
    head = '<ir_version: 8, opset_import: ["" : 17]> g (float[1, 3, h, w] x)'
    return onnx.parser.parse_model(f"{head} => ({outputs}) {{{body}}}")


def test_a_chain_holds_two_tensors() -> None:
    assert peak_floats_per_cell(graph("a = Relu(x) b = Exp(a) z = Exp(b)")) == 6


def test_a_tensor_lives_until_its_last_use() -> None:
    assert peak_floats_per_cell(graph("a = Relu(x) b = Exp(a) z = Add(b, x)")) == 9


def test_an_output_lives_to_the_end() -> None:
    both = "float[1, 3, h, w] a, float[1, 3, h, w] z"
    assert peak_floats_per_cell(graph("a = Relu(x) b = Exp(x) z = Exp(b)", both)) == 9


def test_channels_count() -> None:
    assert peak_floats_per_cell(graph("a = Concat<axis = 1>(x, x, x) z = Relu(x)")) == 3 + 9


def test_a_shuffle_spreads_channels_over_more_pixels() -> None:
    body = """
        a = Concat<axis = 1>(x, x, x, x)
        z = DepthToSpace<blocksize = 2, mode = "CRD">(a)
    """
    # x is gone when z is made.
    assert peak_floats_per_cell(graph(body, "float[1, 3, H, W] z")) == 12 + 12


def test_what_is_resized_counts_as_often_as_it_has_pixels() -> None:
    head = '<ir_version: 8, opset_import: ["" : 17]> g (float[1, 3, h, w] x)'
    body = 'a = Resize<mode = "linear">(x, , s) b = Relu(a) z = Exp(b)'
    text = f"{head} => (float[1, 3, H, W] z) <float[4] s = {{1.0, 1.0, 2.0, 3.0}}> {{{body}}}"
    assert peak_floats_per_cell(onnx.parser.parse_model(text)) == 2 * 3 * 6


def test_tiny_backbone(make_model: Callable[..., PCSR]) -> None:
    # The features (8) beside the first head's projection (8), as planes and as rows.
    graphs = graphs_of(make_model(), "fp32", {})
    assert peak_floats_per_cell(graphs["backbone"]) == 24
