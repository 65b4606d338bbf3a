"""A cascade's graphs: plain convolutions, float32 at their ends, equal to the network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from onnx import TensorProto
from support.cascades import tiny_cascade
from support.networks import Run, signature

from pcsr_edge.export.cascade_graph import cascade_graphs


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_the_trunk_equals_the_network(scale: int, run: Run, image: Any) -> None:
    model, x = tiny_cascade(scale), torch.from_numpy(image)
    out = run(cascade_graphs(model, "fp32", {})["trunk"], {"image": image})
    features = model.trunk(x)
    light = model.light(features) + model.base(x)
    np.testing.assert_allclose(out["features"], features.numpy(), atol=1e-5)
    np.testing.assert_allclose(out["gain"], model.gain(features).exp().numpy(), rtol=1e-4)
    np.testing.assert_allclose(out["phases"], light.numpy(), atol=1e-5)


def test_the_deep_part_equals_the_network(run: Run) -> None:
    model = tiny_cascade()
    windows = np.random.RandomState(0).uniform(size=(3, 5, 6, 6)).astype(np.float32)
    out = run(cascade_graphs(model, "fp32", {})["deep"], {"features": windows})["correction"]
    np.testing.assert_allclose(out, model.deep(torch.from_numpy(windows)).numpy(), atol=1e-5)


@pytest.mark.parametrize(
    ("precision", "between"), [("fp32", TensorProto.FLOAT), ("fp16", TensorProto.FLOAT16)]
)
def test_only_features_have_the_precision(precision: str, between: int) -> None:
    graphs = cascade_graphs(tiny_cascade(), precision, {})
    single = TensorProto.FLOAT
    assert signature(graphs["trunk"].graph.input) == {"image": (single, [1, 3, "h", "w"])}
    assert signature(graphs["trunk"].graph.output) == {
        "features": (between, [1, 5, "h", "w"]),
        "gain": (single, [1, 1, "h", "w"]),
        "phases": (single, [1, 12, "h", "w"]),
    }
    assert signature(graphs["deep"].graph.input) == {"features": (between, ["n", 5, 6, 6])}
    assert signature(graphs["deep"].graph.output) == {"correction": (single, ["n", 12, 4, 4])}


def test_no_branch_is_left() -> None:
    graphs = cascade_graphs(tiny_cascade(), "fp32", {})
    assert [node.op_type for node in graphs["deep"].graph.node] == ["Conv", "Relu"] * 2 + ["Conv"]
    trunk = [node.op_type for node in graphs["trunk"].graph.node]
    assert trunk[:6] == ["Pad", "Conv", "Conv", "Relu", "Conv", "Relu"]
