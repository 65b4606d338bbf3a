"""Zero channels that fill groups up."""

from __future__ import annotations

from typing import Any, Callable

import numpy as np
import pytest
import torch
from onnx import numpy_helper
from support.networks import Run, randomise
from torch import nn

from pcsr_edge.export.channel_padding import Layout, concatenated, plain_layout
from pcsr_edge.export.graphs import graphs_of
from pcsr_edge.models import PCSR, Backbone
from pcsr_edge.models.carn import CARN


class Mixed(Backbone):
    """Grouped convolutions whose results are concatenated, and added to."""

    def __init__(self, groups: int, across: int) -> None:
        super().__init__(feature_channels=26, receptive_radius=9)
        self.first = nn.Sequential(nn.Conv2d(3, 26, 1), nn.PReLU(26))
        self.grouped = nn.Conv2d(26, 26, 3, padding=1, groups=groups)
        self.last = nn.Conv2d(52, 26, 1, groups=across)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.first(x)
        out: torch.Tensor = self.last(torch.cat([x, self.grouped(x) + x], dim=1))
        return out


def check(model: PCSR, run: Run, image: Any) -> Any:
    randomise(model)
    graph = graphs_of(model, "fp32", {})["backbone"]
    got = run(graph, {"image": image})["projection_0"]
    features = model.backbone(torch.from_numpy(image))[0].flatten(1).T
    expected = features @ model.upsamplers[0].projection_weight().T
    np.testing.assert_allclose(got, expected, atol=1e-5)
    return {t.name: numpy_helper.to_array(t).shape for t in graph.graph.initializer}


@pytest.fixture(name="with_backbone")
def _with_backbone(make_model: Callable[..., PCSR]) -> Callable[[Backbone], PCSR]:
    def build(backbone: Backbone) -> PCSR:
        model = make_model()
        wide = PCSR(model.config)
        wide.backbone = backbone
        for upsampler in wide.upsamplers:
            upsampler.feature_channels = backbone.feature_channels
            upsampler.first = nn.Linear(backbone.feature_channels + 4, upsampler.first.out_features)
        assert wide.classifier is not None
        wide.classifier.feature_channels = backbone.feature_channels
        wide.classifier.first = nn.Linear(backbone.feature_channels + 4, 2)
        return wide.eval().requires_grad_(False)

    return build


def test_padded_carn_gives_what_torch_gives(
    with_backbone: Callable[[Backbone], PCSR], run: Run, image: Any
) -> None:
    shapes = check(with_backbone(CARN(nf=26, groups=2)), run, image)
    assert shapes["features.blocks.0.residual.body.0.weight"] == (32, 16, 3, 3)


@pytest.mark.parametrize(("groups", "across"), [(2, 1), (2, 2), (13, 1), (26, 1), (1, 1)])
def test_any_mixture_gives_what_torch_gives(
    groups: int,
    across: int,
    with_backbone: Callable[[Backbone], PCSR],
    run: Run,
    image: Any,
) -> None:
    shapes = check(with_backbone(Mixed(groups, across)), run, image)
    padded = (groups, across) in [(2, 1), (2, 2)]
    assert shapes["features.grouped.weight"][0] == (32 if padded else 26)


def test_narrow_groups_are_left_alone(
    with_backbone: Callable[[Backbone], PCSR], run: Run, image: Any
) -> None:
    shapes = check(with_backbone(CARN(nf=8, groups=2)), run, image)
    assert shapes["features.blocks.0.residual.body.0.weight"] == (8, 4, 3, 3)


def test_spread_puts_zeros_between() -> None:
    assert Layout((0, 1, 4), 6).spread(np.array([1, 2, 3]), 0).tolist() == [1, 2, 0, 0, 3, 0]


def test_parts_must_look_alike() -> None:
    assert Layout((0, 1, 4, 5), 8).splits(2)
    assert not Layout((0, 1, 4, 6), 8).splits(2)
    assert not plain_layout(5).splits(2)


def test_concatenated_layouts_follow_each_other() -> None:
    assert concatenated([Layout((0,), 3), plain_layout(2)]) == Layout((0, 3, 4), 5)
