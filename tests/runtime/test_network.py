"""The engines of a PCSR bundle, by what they do."""

from __future__ import annotations

from pathlib import Path
from typing import Any, List, Tuple

import numpy as np
import pytest
from support import reference
from support.fake_model import FakeModel

from pcsr_edge.runtime.engine import Backend, Engine, FakeEngine
from pcsr_edge.runtime.geometry import Axis, Span
from pcsr_edge.runtime.network import Network
from pcsr_edge.runtime.queries import QueryIndexer

SIZE = (6, 9)


def network(folder: Path, classes: int = 2, std: float = 1) -> Tuple[FakeModel, Network, Any]:
    model = FakeModel(3, classes, std=std)
    image = np.random.default_rng(0).random((3, 4, 3)).astype(np.float32)
    return model, Network(model.bundle(folder), model.backend(), "fp32"), image


def every_query(net: Network, image: Any, head: str) -> Tuple[Any, ...]:
    h, w = image.shape[:2]
    frame = Axis(h, SIZE[0]), Axis(w, SIZE[1])
    queries = QueryIndexer().band(frame, Span(0, SIZE[0]), Span(0, SIZE[1]), Span(0, w))
    features = net.features(image.transpose(2, 0, 1)[None])
    return (features[f"projection_{head}"], *queries)


def expected(head: Any, model: FakeModel, image: Any) -> Any:
    features = model.features(image)
    places = [(y, x) for y in range(SIZE[0]) for x in range(SIZE[1])]
    return [head.query(reference.query_input(features, y, x, SIZE)) for y, x in places]


def test_logits_are_those_of_the_classifier(tmp_path: Path) -> None:
    model, net, image = network(tmp_path)
    logits = net.logits(*every_query(net, image, "classifier"))
    np.testing.assert_allclose(logits, expected(model.classifier, model, image), atol=1e-5)


@pytest.mark.parametrize("j", [0, 1, 2])
@pytest.mark.parametrize("std", [1, 0.5])
def test_residuals_are_differences_of_images(tmp_path: Path, j: int, std: float) -> None:
    model, net, image = network(tmp_path, 3, std)
    residual = net.residual(j, *every_query(net, image, str(j)))
    exact = np.multiply(expected(model.upsamplers[j], model, image), std)
    np.testing.assert_allclose(residual, exact, atol=1e-5)


@pytest.mark.parametrize(
    ("classes", "names"),
    [(1, "backbone upsampler_0"), (2, "backbone classifier upsampler_0 upsampler_1")],
)
def test_every_engine_has_one_thread_and_is_closed(
    tmp_path: Path, classes: int, names: str
) -> None:
    loaded: List[Tuple[str, int]] = []
    closed: List[str] = []

    class Noted(FakeEngine):
        def __init__(self, graph: str) -> None:
            self.graph = graph

        def close(self) -> None:
            closed.append(self.graph)

    class Noting(Backend):
        name = "noting"

        def load(self, graph: bytes, threads: int) -> Engine:
            loaded.append((graph.decode(), threads))
            return Noted(graph.decode())

    net = Network(FakeModel(0, classes).bundle(tmp_path), Noting(), "fp32")
    assert loaded == [(name, 1) for name in names.split()]
    net.close()
    assert sorted(closed) == sorted(names.split())
