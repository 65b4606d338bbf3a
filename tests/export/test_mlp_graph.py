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


@pytest.mark.parametrize("hidden", [(), (5, 5), (30, 8)], ids=["none", "narrow", "wide"])
def test_dense_graph_gives_every_query_of_every_cell(
    hidden: Any, make_model: Callable[..., PCSR], run: Run
) -> None:
    model = make_model(upsamplers=(hidden, (4,)))
    head: Any = model.upsamplers[0]
    inputs = queries(head.first.out_features)
    inputs["geometry"] = inputs["geometry"][:4]
    every = {**inputs, "cell": np.repeat(np.arange(12), 4), "phase": np.tile(np.arange(4), 12)}
    given = {name: inputs[name] for name in ("projection", "geometry")}
    got = run(graphs_of(model, "fp32", {}, 2)["upsampler_0_dense"], given)
    np.testing.assert_allclose(got["residual"], expected(head, every), atol=1e-5)


@pytest.mark.parametrize("width", [4, 30])
def test_dense_and_gathering_graph_agree_to_the_bit(
    width: int, make_model: Callable[..., PCSR], run: Run
) -> None:
    graphs = graphs_of(make_model(classifier=(width,)), "fp32", {}, 2)
    inputs = queries(width)
    inputs["geometry"] = inputs["geometry"][:4]
    given = {name: inputs[name] for name in ("projection", "geometry")}
    dense = run(graphs["classifier_dense"], given)["logits"]
    every = {"cell": np.repeat(np.arange(12), 4), "phase": np.tile(np.arange(4), 12)}
    inputs.update({name: values.astype(np.int32) for name, values in every.items()})
    np.testing.assert_array_equal(run(graphs["classifier"], inputs)["logits"], dense)


def test_a_scale_adds_dense_graphs(make_model: Callable[..., PCSR]) -> None:
    model = make_model()
    general, whole = graphs_of(model, "fp32", {}), graphs_of(model, "fp32", {}, 3)
    heads = ["classifier", "upsampler_0", "upsampler_1"]
    assert list(general) == ["backbone", *heads]
    assert list(whole) == [*general, "base", *(f"{head}_dense" for head in heads)]


def test_one_class_needs_no_classifier(make_model: Callable[..., PCSR]) -> None:
    graphs = graphs_of(make_model(upsamplers=((8,),)), "fp32", {})
    assert list(graphs) == ["backbone", "upsampler_0"]


def test_graphs_come_in_the_order_of_the_manifest(make_model: Callable[..., PCSR]) -> None:
    graphs = graphs_of(make_model(), "fp32", {})
    assert list(graphs) == ["backbone", "classifier", "upsampler_0", "upsampler_1"]
