"""A plain network's graph: plain convolutions, float32 at its ends, equal to the network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, List

import numpy as np
import onnxruntime
import pytest
import torch
from onnx import TensorProto
from support.networks import Run, signature

from pcsr_edge.export.plain_graph import merged_body, plain_graph
from pcsr_edge.models import Plain, PlainConfig


def network(scale: int = 3) -> Plain:
    """Build a small network."""
    torch.manual_seed(0)
    return Plain(PlainConfig(scale, 5, 1)).eval().requires_grad_(False)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_the_graph_equals_the_network(scale: int, run: Run, image: Any) -> None:
    model = network(scale)
    sr = run(plain_graph(model, "fp32", {}), {"image": image})["sr"]
    np.testing.assert_allclose(sr, model(torch.from_numpy(image)).numpy(), atol=1e-5)


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_inputs_and_outputs_are_float32(precision: str) -> None:
    graph = plain_graph(network(), precision, {}).graph
    assert signature(graph.input) == {"image": (TensorProto.FLOAT, [1, 3, "h", "w"])}
    assert signature(graph.output) == {"sr": (TensorProto.FLOAT, [1, 3, "H", "W"])}


def operators(graph: Any) -> List[str]:
    """Return the operators of a graph in their order."""
    return [node.op_type for node in graph.node]


def test_no_branch_is_left() -> None:
    convolutions = ["Conv", "Relu", "Conv", "Relu", "Conv"]
    found = operators(plain_graph(network(), "fp32", {}).graph)
    assert found == ["Resize", *convolutions, "DepthToSpace", "Add"]


def test_the_engine_makes_the_base_after_the_shuffle(tmp_path: Path, image: Any) -> None:
    options = onnxruntime.SessionOptions()
    options.enable_profiling, options.profile_file_prefix = True, str(tmp_path / "run")
    content = plain_graph(network(), "fp32", {}).SerializeToString()
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    session.run(None, {"image": image})
    events = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
    ran = [event["args"]["op_name"] for event in events if "op_name" in event.get("args", {})]
    assert ran.index("Resize") > ran.index("DepthToSpace")


def test_the_base_is_not_rounded_in_float16(run: Run, image: Any) -> None:
    model = network()
    for parameter in (model.tail.kernel, model.tail.squeeze):
        parameter.zero_()
    half, single = (
        run(plain_graph(model, p, {}), {"image": image})["sr"] for p in ("fp16", "fp32")
    )
    np.testing.assert_array_equal(half, single)


def test_branches_are_merged_in_double_precision() -> None:
    model = network()
    merged = merged_body(model)
    assert {parameter.dtype for parameter in merged.parameters()} == {torch.float64}
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
