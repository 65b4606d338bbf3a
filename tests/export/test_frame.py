"""A frame through the graphs."""

from __future__ import annotations

from typing import Any, Callable, Dict

import numpy as np
import pytest

from pcsr_edge.export.frame import Engines, reference_frame, run_frame
from pcsr_edge.export.graph_builder import model_bytes
from pcsr_edge.export.graphs import graphs_of
from pcsr_edge.models import PCSR
from pcsr_edge.runtime.backends import OnnxRuntimeBackend

CONFIGS: Dict[str, Dict[str, Any]] = {
    "one-class": {"upsamplers": ((8,),)},
    "two-classes": {"mean": (0.4, 0.5, 0.6), "std": 0.5},
    "three-classes": {"upsamplers": ((8, 8), (6,), ()), "classifier": (5,)},
}


def engines_of(model: PCSR) -> Engines:
    backend = OnnxRuntimeBackend()
    graphs = graphs_of(model, "fp32", {})
    return {name: backend.load(model_bytes(graph), 1) for name, graph in graphs.items()}


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("scale", [1, 2, 3, 4])
def test_frame_is_that_of_the_network(
    config: str, scale: int, make_model: Callable[..., PCSR]
) -> None:
    model = make_model(**CONFIGS[config])
    lr = np.random.RandomState(2).randint(256, size=(7, 10, 3)).astype(np.uint8)
    frame = run_frame(model, engines_of(model), lr, scale)
    expected = reference_frame(model, lr, frame.class_map)
    assert frame.image.shape == (7 * scale, 10 * scale, 3)
    np.testing.assert_allclose(frame.image, expected, atol=1e-5)


def test_each_query_takes_its_most_probable_class(make_model: Callable[..., PCSR]) -> None:
    model = make_model()
    assert model.classifier is not None
    model.classifier.first.bias.copy_(model.classifier.first.bias.new_tensor([0.0, 50.0]))
    lr = np.zeros((4, 4, 3), np.uint8)
    assert (run_frame(model, engines_of(model), lr, 2).class_map == 1).all()


def test_rounding_clips() -> None:
    from pcsr_edge.export.frame import Frame

    image = np.array([[[-0.2, 0.5, 1.2]]], np.float32)
    assert Frame(image, np.zeros((1, 1), np.int64)).rounded().tolist() == [[[0, 128, 255]]]
