"""A plain network's graph: plain convolutions, float32 at its ends, equal to the network."""

from __future__ import annotations

from typing import Any, List

import numpy as np
import pytest
import torch
from onnx import TensorProto
from support.networks import Run, signature
from torch.nn import functional as F

from pcsr_edge.export.plain_graph import merged_body, plain_graph
from pcsr_edge.models import Plain, PlainConfig


def network(scale: int = 3) -> Plain:
    """Build a small network."""
    torch.manual_seed(0)
    return Plain(PlainConfig(scale, 5, 1)).eval().requires_grad_(False)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_the_graph_equals_the_network(scale: int, run: Run, image: Any) -> None:
    model = network(scale)
    phases = run(plain_graph(model, "fp32", {}), {"image": image})["phases"]
    expected = F.pixel_unshuffle(model(torch.from_numpy(image)), scale)
    np.testing.assert_allclose(phases, expected.numpy(), atol=1e-5)


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_inputs_and_outputs_are_float32(precision: str) -> None:
    graph = plain_graph(network(), precision, {}).graph
    assert signature(graph.input) == {"image": (TensorProto.FLOAT, [1, 3, "h", "w"])}
    assert signature(graph.output) == {"phases": (TensorProto.FLOAT, [1, 27, "h", "w"])}


def operators(graph: Any) -> List[str]:
    """Return the operators of a graph in their order."""
    return [node.op_type for node in graph.node]


def test_no_branch_is_left() -> None:
    convolutions = ["Conv", "Relu", "Conv", "Relu", "Conv"]
    found = operators(plain_graph(network(), "fp32", {}).graph)
    assert found == ["Pad", "Conv", *convolutions, "Add"]


def test_the_base_is_not_rounded_in_float16(run: Run, image: Any) -> None:
    model = network()
    for parameter in (model.tail.kernel, model.tail.squeeze):
        parameter.zero_()
    half, single = (
        run(plain_graph(model, p, {}), {"image": image})["phases"] for p in ("fp16", "fp32")
    )
    np.testing.assert_array_equal(half, single)


def test_branches_are_merged_in_double_precision() -> None:
    model = network()
    merged = merged_body(model)
    assert {parameter.dtype for parameter in merged.parameters()} == {torch.float64}
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
