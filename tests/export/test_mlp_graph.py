"""The graphs of upsamplers and classifier."""

from __future__ import annotations

from typing import Any, Callable, Dict

import numpy as np
import pytest
import torch
from onnx import TensorProto
from support.networks import Run, signature

from pcsr_edge.export.graphs import graphs_of
from pcsr_edge.models import PCSR

HEADS = {"hidden-layers": ((8, 8), (5, 5)), "no-hidden-layer": ((), ())}


def queries(width: int, n: int = 40) -> Dict[str, Any]:
    random = np.random.RandomState(1)
    return {
        "projection": random.standard_normal((12, width)).astype(np.float32),
        "cell": random.randint(12, size=n).astype(np.int32),
        "phase": random.randint(6, size=n).astype(np.int32),
        "geometry": random.uniform(-1, 1, (6, 4)).astype(np.float32),
    }


def expected(head: Any, inputs: Dict[str, Any]) -> Any:
    table = head.phase_table(torch.from_numpy(inputs["geometry"]))
    projection = torch.from_numpy(inputs["projection"])
    out = head.from_projection(projection[inputs["cell"]], table[inputs["phase"]])
    return out.numpy()


@pytest.mark.parametrize("hidden", HEADS)
def test_upsampler_gives_what_torch_gives(
    hidden: str, make_model: Callable[..., PCSR], run: Run
) -> None:
    model = make_model(upsamplers=(HEADS[hidden][0], (4,)))
    head: Any = model.upsamplers[0]
    inputs = queries(head.first.out_features)
    got = run(graphs_of(model, "fp32", {})["upsampler_0"], inputs)
    np.testing.assert_allclose(got["residual"], expected(head, inputs), atol=1e-5)


@pytest.mark.parametrize("hidden", HEADS)
def test_classifier_gives_what_torch_gives(
    hidden: str, make_model: Callable[..., PCSR], run: Run
) -> None:
    model = make_model(classifier=HEADS[hidden][1])
    head: Any = model.classifier
    inputs = queries(head.first.out_features)
    got = run(graphs_of(model, "fp32", {})["classifier"], inputs)
    np.testing.assert_allclose(got["logits"], expected(head, inputs), atol=1e-5)


def test_no_queries_give_no_rows(make_model: Callable[..., PCSR], run: Run) -> None:
    got = run(graphs_of(make_model(), "fp32", {})["upsampler_0"], queries(8, n=0))
    assert got["residual"].shape == (0, 3)


@pytest.mark.parametrize(
    ("precision", "element_type"), [("fp32", TensorProto.FLOAT), ("fp16", TensorProto.FLOAT16)]
)
@pytest.mark.parametrize(
    ("name", "output", "columns"), [("upsampler_1", "residual", 3), ("classifier", "logits", 2)]
)
def test_signature(
    name: str,
    output: str,
    columns: int,
    precision: str,
    element_type: int,
    make_model: Callable[..., PCSR],
) -> None:
    graph = graphs_of(make_model(), precision, {})[name].graph
    assert signature(graph.output) == {output: (TensorProto.FLOAT, ["n", columns])}
    assert signature(graph.input) == {
        "projection": (element_type, ["cells", 4 if name == "upsampler_1" else 2]),
        "cell": (TensorProto.INT32, ["n"]),
        "phase": (TensorProto.INT32, ["n"]),
        "geometry": (TensorProto.FLOAT, ["phases", 4]),
    }


def test_float16_residuals_are_near(make_model: Callable[..., PCSR], run: Run) -> None:
    model = make_model()
    inputs = queries(8)
    half = {**inputs, "projection": inputs["projection"].astype(np.float16)}
    got = run(graphs_of(model, "fp16", {})["upsampler_0"], half)
    np.testing.assert_allclose(got["residual"], expected(model.upsamplers[0], inputs), atol=5e-3)


def test_one_class_needs_no_classifier(make_model: Callable[..., PCSR]) -> None:
    graphs = graphs_of(make_model(upsamplers=((8,),)), "fp32", {})
    assert list(graphs) == ["backbone", "upsampler_0"]


def test_graphs_come_in_the_order_of_the_manifest(make_model: Callable[..., PCSR]) -> None:
    graphs = graphs_of(make_model(), "fp32", {})
    assert list(graphs) == ["backbone", "classifier", "upsampler_0", "upsampler_1"]
