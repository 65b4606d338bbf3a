"""Layers as ONNX nodes: each gives what torch gives."""

from __future__ import annotations

from typing import Any, Callable, List

import numpy as np
import pytest
import torch
from support.networks import Run, randomise
from torch import nn

from pcsr_edge.errors import ExportError
from pcsr_edge.export.graphs import graphs_of
from pcsr_edge.models import PCSR, Backbone

D = 8


class Layers(Backbone):
    """A backbone that is one list of layers."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__(feature_channels=D, receptive_radius=9)
        self.layers = nn.Sequential(*layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.layers(x)
        return out


def first() -> nn.Conv2d:
    return nn.Conv2d(3, D, 3, padding=1)


@pytest.fixture(name="with_layers")
def _with_layers(make_model: Callable[..., PCSR]) -> Callable[..., PCSR]:
    def build(*layers: nn.Module) -> PCSR:
        model = make_model()
        model.backbone = Layers(*layers).eval().requires_grad_(False)
        randomise(model.backbone)
        return model

    return build


def operators(model: PCSR) -> List[str]:
    nodes = [node.op_type for node in graphs_of(model, "fp32", {})["backbone"].graph.node]
    return nodes[: nodes.index("Transpose") - 1]


CASES = {
    "relu": ([nn.ReLU()], ["Conv", "Relu"]),
    "leaky-relu": ([nn.LeakyReLU(0.2)], ["Conv", "LeakyRelu"]),
    "prelu-one-slope": ([nn.PReLU()], ["Conv", "LeakyRelu"]),
    "prelu-slope-per-channel": ([nn.PReLU(D)], ["Conv", "PRelu"]),
    "batch-norm": ([nn.BatchNorm2d(D)], ["Conv"]),
    "batch-norm-plain": ([nn.BatchNorm2d(D, affine=False)], ["Conv"]),
    "without-bias": ([nn.Conv2d(D, D, 1, bias=False), nn.BatchNorm2d(D)], ["Conv", "Conv"]),
    "groups": ([nn.Conv2d(D, D, 3, padding=1, groups=4)], ["Conv", "Conv"]),
    "dilation": ([nn.Conv2d(D, D, 3, padding=2, dilation=2)], ["Conv", "Conv"]),
    "oblong": ([nn.Conv2d(D, D, (3, 1), padding=(1, 0))], ["Conv", "Conv"]),
    "identity": ([nn.Identity(), nn.Dropout()], ["Conv"]),
}


@pytest.mark.parametrize("case", CASES)
def test_layer_gives_what_torch_gives(
    case: str, with_layers: Callable[..., PCSR], run: Run, image: Any
) -> None:
    model = with_layers(first(), *CASES[case][0])
    got = run(graphs_of(model, "fp32", {})["backbone"], {"image": image})["projection_0"]
    features = model.backbone(torch.from_numpy(image))[0].flatten(1).T
    expected = features @ model.upsamplers[0].projection_weight().T
    np.testing.assert_allclose(got, expected, atol=2e-6)


@pytest.mark.parametrize("case", CASES)
def test_layer_becomes_these_nodes(case: str, with_layers: Callable[..., PCSR]) -> None:
    layers, expected = CASES[case]
    assert operators(with_layers(first(), *layers)) == expected


def test_a_convolution_folded_with_two_norms_is_stored_twice(
    make_model: Callable[..., PCSR], run: Run, image: Any
) -> None:
    class Twice(Backbone):
        def __init__(self) -> None:
            super().__init__(feature_channels=D, receptive_radius=1)
            self.shared = first()
            self.one, self.two = nn.BatchNorm2d(D), nn.BatchNorm2d(D)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            out: torch.Tensor = self.one(self.shared(x)) + self.two(self.shared(x))
            return out

    model = make_model()
    model.backbone = Twice().eval().requires_grad_(False)
    randomise(model.backbone)
    got = run(graphs_of(model, "fp32", {})["backbone"], {"image": image})["projection_1"]
    features = model.backbone(torch.from_numpy(image))[0].flatten(1).T
    expected = features @ model.upsamplers[1].projection_weight().T
    np.testing.assert_allclose(got, expected, atol=2e-6)


REFUSED = {
    "unknown": ([nn.Tanh()], "layers.1 is a Tanh"),
    "norm-after-activation": ([nn.ReLU(), nn.BatchNorm2d(D)], "layers.2 is a BatchNorm2d"),
    "norm-of-the-batch": ([nn.BatchNorm2d(D, track_running_stats=False)], "running statistics"),
    "reflecting": ([nn.Conv2d(D, D, 3, padding=1, padding_mode="reflect")], "pads with 'reflect'"),
    "padding-in-words": ([nn.Conv2d(D, D, 3, padding="same")], "'same'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_layer_that_cannot_be_written_is_refused(
    case: str, with_layers: Callable[..., PCSR]
) -> None:
    layers, message = REFUSED[case]
    with pytest.raises(ExportError, match=message):
        graphs_of(with_layers(first(), *layers), "fp32", {})
