"""The backbone's graph."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Set

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto
from support.networks import TINY, Run, signature

from pcsr_edge.export.backbone_graph import heads_of
from pcsr_edge.export.graphs import graphs_of
from pcsr_edge.models import PCSR

CONFIGS: Dict[str, Dict[str, Any]] = {
    "one-class": {"upsamplers": ((8,),)},
    "two-classes": {"mean": (0.4, 0.5, 0.6), "std": 0.5},
    "three-classes": {"upsamplers": ((8, 8), (6,), ()), "classifier": (5,)},
    "four-classes": {"upsamplers": ((8, 8), (6,), (4,), (2,)), "classifier": (5, 5)},
}


def projections(model: PCSR, image: Any) -> Dict[str, Any]:
    features = model.backbone(model.normalise(torch.from_numpy(image)))
    rows = features[0].permute(1, 2, 0).flatten(0, 1)
    return {
        f"projection_{suffix}": (rows @ head.projection_weight().T).numpy()
        for suffix, head in heads_of(model).items()
    }


def assert_same(got: Dict[str, Any], expected: Dict[str, Any], tolerance: float) -> None:
    assert list(got) == list(expected)
    for name, value in expected.items():
        np.testing.assert_allclose(got[name], value, atol=tolerance)


@pytest.mark.parametrize("backbone", TINY)
def test_projections_of_each_backbone(
    backbone: str, make_model: Callable[..., PCSR], run: Run, image: Any
) -> None:
    model = make_model(backbone)
    got = run(graphs_of(model, "fp32", {})["backbone"], {"image": image})
    assert_same(got, projections(model, image), 1e-5)


@pytest.mark.parametrize("config", CONFIGS)
def test_projections_of_each_number_of_classes(
    config: str, make_model: Callable[..., PCSR], run: Run, image: Any
) -> None:
    model = make_model(**CONFIGS[config])
    got = run(graphs_of(model, "fp32", {})["backbone"], {"image": image})
    assert_same(got, projections(model, image), 1e-5)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (16, 3)])
def test_any_size_of_image(size: Any, make_model: Callable[..., PCSR], run: Run) -> None:
    model, image = make_model(), np.full((1, 3, *size), 0.25, dtype=np.float32)
    got = run(graphs_of(model, "fp32", {})["backbone"], {"image": image})
    assert_same(got, projections(model, image), 1e-5)


def test_float16_projections_are_near(
    make_model: Callable[..., PCSR], run: Run, image: Any
) -> None:
    model = make_model(mean=(0.4, 0.5, 0.6), std=0.5)
    got = run(graphs_of(model, "fp16", {})["backbone"], {"image": image})
    assert_same(got, projections(model, image), 5e-3)


@pytest.mark.parametrize(
    ("precision", "element_type"), [("fp32", TensorProto.FLOAT), ("fp16", TensorProto.FLOAT16)]
)
def test_signature(precision: str, element_type: int, make_model: Callable[..., PCSR]) -> None:
    graph = graphs_of(make_model(), precision, {})["backbone"].graph
    assert signature(graph.input) == {"image": (TensorProto.FLOAT, [1, 3, "h", "w"])}
    assert signature(graph.output) == {
        "projection_0": (element_type, ["cells", 8]),
        "projection_1": (element_type, ["cells", 4]),
        "projection_classifier": (element_type, ["cells", 2]),
    }


def dead_parts(model: onnx.ModelProto) -> Set[str]:
    graph = model.graph
    used = {name for node in graph.node for name in node.input}
    used |= {output.name for output in graph.output}
    made = {name for node in graph.node for name in node.output}
    return (made | {constant.name for constant in graph.initializer}) - used


@pytest.mark.parametrize("backbone", TINY)
@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_nothing_in_a_graph_is_dead(
    backbone: str, precision: str, make_model: Callable[..., PCSR]
) -> None:
    for model in graphs_of(make_model(backbone), precision, {}).values():
        assert not dead_parts(model)


def node_types(model: onnx.ModelProto) -> List[str]:
    return [node.op_type for node in model.graph.node]


def test_batch_norms_are_folded(make_model: Callable[..., PCSR]) -> None:
    types = node_types(graphs_of(make_model("carn"), "fp32", {})["backbone"])
    assert "BatchNormalization" not in types
    assert "Constant" not in types


def test_shared_layers_share_their_weights(make_model: Callable[..., PCSR]) -> None:
    graph = graphs_of(make_model("carn"), "fp32", {})["backbone"].graph
    name = "features.blocks.0.residual.body.0.weight"
    assert sum(name in node.input for node in graph.node) == 3
    assert [t.name for t in graph.initializer].count(name) == 1


def test_each_head_is_a_convolution(make_model: Callable[..., PCSR]) -> None:
    types = node_types(graphs_of(make_model(), "fp32", {})["backbone"])
    assert types[-9:] == ["Conv", "Transpose", "Reshape"] * 3


def test_pointwise_convolutions_take_the_parts_of_a_concatenation(
    make_model: Callable[..., PCSR],
) -> None:
    types = node_types(graphs_of(make_model("carn"), "fp32", {})["backbone"])
    assert "Concat" not in types
