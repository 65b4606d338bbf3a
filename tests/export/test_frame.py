"""Frames through the graphs."""

from __future__ import annotations

from typing import Any, Callable, Dict

import numpy as np
import pytest
import torch

from pcsr_edge.export.frame import (
    Engines,
    Frames,
    graph_frames,
    image_input,
    network_frames,
    rounded,
)
from pcsr_edge.export.graph_builder import model_bytes
from pcsr_edge.export.graphs import graphs_of
from pcsr_edge.models import PCSR
from pcsr_edge.runtime.backends import OnnxRuntimeBackend

CONFIGS: Dict[str, Dict[str, Any]] = {
    "one-class": {"upsamplers": ((8,),)},
    "two-classes": {"mean": (0.4, 0.5, 0.6), "std": 0.5},
    "three-classes": {"upsamplers": ((8, 8), (6,), ()), "classifier": (5,)},
}
LR = np.random.RandomState(2).randint(256, size=(7, 10, 3)).astype(np.uint8)


def engines_of(model: PCSR) -> Engines:
    backend = OnnxRuntimeBackend()
    graphs = graphs_of(model, "fp32", {})
    return {name: backend.load(model_bytes(graph), 1) for name, graph in graphs.items()}


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("scale", [1, 2, 3, 4])
def test_graphs_give_the_frames_of_the_network(
    config: str, scale: int, make_model: Callable[..., PCSR]
) -> None:
    model = make_model(**CONFIGS[config])
    expected = network_frames(model, LR, scale)
    frames = graph_frames(model, engines_of(model), LR, scale)
    assert frames.images.shape == (model.classes, 7 * scale, 10 * scale, 3)
    np.testing.assert_allclose(frames.images, expected.images, atol=1e-5)
    assert np.array_equal(frames.class_map, expected.class_map)


def test_network_frames_are_what_the_network_computes(make_model: Callable[..., PCSR]) -> None:
    model = make_model(**CONFIGS["two-classes"])
    frames = network_frames(model, LR, 2)
    class_map = torch.from_numpy(frames.class_map)[None]
    out = model(torch.from_numpy(image_input(LR)), (14, 20), class_map)[0].permute(1, 2, 0)
    np.testing.assert_allclose(frames.assigned(frames.class_map), out, atol=1e-6)


def test_each_query_takes_its_most_probable_class(make_model: Callable[..., PCSR]) -> None:
    model = make_model()
    assert model.classifier is not None
    model.classifier.first.bias.copy_(torch.tensor([0.0, 50.0]))
    assert (graph_frames(model, engines_of(model), LR, 2).class_map == 1).all()


def test_a_class_map_picks_pixels() -> None:
    images = np.stack([np.zeros((1, 2, 3), np.float32), np.ones((1, 2, 3), np.float32)])
    picked = Frames(images, np.zeros((1, 2), np.int64)).assigned(np.array([[1, 0]]))
    assert picked.tolist() == [[[1, 1, 1], [0, 0, 0]]]


def test_rounding_clips() -> None:
    assert rounded(np.array([-0.2, 0.5, 1.2], np.float32)).tolist() == [0, 128, 255]
