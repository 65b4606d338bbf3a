"""What a backbone may do between its layers."""

from __future__ import annotations

from typing import Any, Callable

import numpy as np
import pytest
import torch
from support.networks import Run
from torch import nn
from torch.nn import functional as F

from pcsr_edge.errors import ExportError
from pcsr_edge.export.graphs import graphs_of
from pcsr_edge.models import PCSR, Backbone

D = 8
Step = Callable[[Any, Any], Any]


class Steps(Backbone):
    """Two convolutions whose results a function joins."""

    def __init__(self, step: Step, channels: int = D) -> None:
        super().__init__(feature_channels=channels, receptive_radius=1)
        self.left = nn.Conv2d(3, D, 3, padding=1)
        self.right = nn.Conv2d(3, D, 1)
        self.step = step

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.step(self.left(x), self.right(x))
        return out


@pytest.fixture(name="with_step")
def _with_step(make_model: Callable[..., PCSR]) -> Callable[[Step], PCSR]:
    def build(step: Step) -> PCSR:
        model = make_model()
        model.backbone = Steps(step).eval().requires_grad_(False)
        return model

    return build


def added_in_place(a: Any, b: Any) -> Any:
    a += b
    return a


ALLOWED = {
    "plus": lambda a, b: a + b,
    "in-place": added_in_place,
    "add": torch.add,
    "method-add": lambda a, b: a.add(b),
    "relu": lambda a, b: torch.relu(a + b),
    "functional-relu": lambda a, b: F.relu(a, inplace=True) + b,
    "method-relu": lambda a, b: a.relu() + b,
    "unused": lambda a, b: a,
}


@pytest.mark.parametrize("case", ALLOWED)
def test_step_gives_what_torch_gives(
    case: str, with_step: Callable[[Step], PCSR], run: Run, image: Any
) -> None:
    model = with_step(ALLOWED[case])
    got = run(graphs_of(model, "fp32", {})["backbone"], {"image": image})["projection_0"]
    features = model.backbone(torch.from_numpy(image))[0].flatten(1).T
    expected = features @ model.upsamplers[0].projection_weight().T
    np.testing.assert_allclose(got, expected, atol=2e-6)


def branch(a: Any, b: Any) -> Any:
    return a if a.sum() > 0 else b


REFUSED = {
    "unknown-function": (lambda a, b: a * b, "calls mul"),
    "unknown-method": (lambda a, b: a.abs(), "calls abs"),
    "number": (lambda a, b: a + 1.0, "uses 1.0"),
    "keyword": (lambda a, b: torch.add(a, b, alpha=2), "alpha"),
    "other-axis": (lambda a, b: torch.cat([a, b], dim=2), "axis 2"),
    "depends-on-values": (branch, "does not trace"),
    "tuple": (lambda a, b: (a, b), "cannot be exported, where a tensor"),
    "constant": (lambda a, b: a + torch.ones(1), "layer"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_step_that_cannot_be_written_is_refused(
    case: str, with_step: Callable[[Step], PCSR]
) -> None:
    step, message = REFUSED[case]
    with pytest.raises(ExportError, match=message):
        graphs_of(with_step(step), "fp32", {})


def test_concatenation_adds_channels(make_model: Callable[..., PCSR], run: Run, image: Any) -> None:
    class Wide(Steps):
        def __init__(self) -> None:
            super().__init__(lambda a, b: torch.cat((a, b), 1))
            self.last = nn.Conv2d(2 * D, D, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            out: torch.Tensor = self.last(super().forward(x))
            return out

    model = make_model()
    model.backbone = Wide().eval().requires_grad_(False)
    got = run(graphs_of(model, "fp32", {})["backbone"], {"image": image})["projection_0"]
    features = model.backbone(torch.from_numpy(image))[0].flatten(1).T
    expected = features @ model.upsamplers[0].projection_weight().T
    np.testing.assert_allclose(got, expected, atol=2e-6)
