"""The graphs of a network: which there are, their ends, and what is written into each."""

from __future__ import annotations

from typing import Any, Callable, Dict, List

import pytest
from onnx import TensorProto
from support.networks import signature

from pcsr_edge.export.graphs import graphs_of
from pcsr_edge.models import PCSR

NAMES: Dict[int, List[str]] = {
    1: ["backbone", "upsampler_0"],
    2: ["backbone", "classifier", "upsampler_0", "upsampler_1"],
    3: ["backbone", "classifier", "upsampler_0", "upsampler_1", "upsampler_2"],
}


@pytest.mark.parametrize("classes", NAMES)
def test_one_graph_per_part(classes: int, make_model: Callable[..., PCSR]) -> None:
    model = make_model(upsamplers=((8, 8), (4,), ())[:classes])
    assert list(graphs_of(model, "fp32", {})) == NAMES[classes]


@pytest.mark.parametrize(
    ("precision", "element"), [("fp32", TensorProto.FLOAT), ("fp16", TensorProto.FLOAT16)]
)
def test_projections_go_from_the_backbone_into_the_heads(
    precision: str, element: int, make_model: Callable[..., PCSR]
) -> None:
    graphs = graphs_of(make_model(), precision, {})
    made = signature(graphs["backbone"].graph.output)
    for suffix, name in (("classifier", "classifier"), ("0", "upsampler_0"), ("1", "upsampler_1")):
        taken = signature(graphs[name].graph.input)["projection"]
        assert taken[0] == made[f"projection_{suffix}"][0] == element
        assert taken[1][1] == made[f"projection_{suffix}"][1][1]


def test_outputs_have_the_width_of_their_use(make_model: Callable[..., PCSR]) -> None:
    graphs = graphs_of(make_model(upsamplers=((8,), (4,), ())), "fp32", {})
    found = {name: signature(graph.graph.output) for name, graph in graphs.items()}
    assert found["classifier"]["logits"][1][1] == 3
    assert [found[f"upsampler_{j}"]["residual"][1][1] for j in range(3)] == [3, 3, 3]


def test_metadata_goes_into_every_graph(make_model: Callable[..., PCSR]) -> None:
    for graph in graphs_of(make_model(), "fp32", {"name": "tiny"}).values():
        properties: Dict[str, Any] = {p.key: p.value for p in graph.metadata_props}
        assert properties == {"name": "tiny"}
