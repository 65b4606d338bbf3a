"""A supernet: narrow subnets are corners of the widest, in every architecture."""

from __future__ import annotations

from typing import Any, Dict

import pytest
import torch
from torch.nn import functional as F

from pcsr_edge.errors import CheckpointError
from pcsr_edge.models import ArmConfig, Supernet, WbsrConfig, method_of

ARCHITECTURES: Dict[str, Dict[str, Any]] = {
    "fsrcnn": {"backbone_args": {"s": 3, "m": 1}},
    "carn": {"backbone_args": {"groups": 2}},
    "srresnet": {"backbone_args": {"blocks": 1}},
}
X = torch.rand(2, 3, 6, 5, generator=torch.Generator().manual_seed(1))


def network(backbone: str = "fsrcnn", scale: int = 4, **fields: Any) -> Supernet:
    """Build a small network whose results matter."""
    torch.manual_seed(0)
    config = ArmConfig(scale, backbone, (8, 4, 2), **ARCHITECTURES[backbone], **fields)
    model = Supernet(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(2)
    return model.eval().requires_grad_(False)


@pytest.mark.parametrize("backbone", list(ARCHITECTURES))
@pytest.mark.parametrize("scale", [2, 3, 4])
def test_a_subnet_by_itself_computes_the_same(backbone: str, scale: int) -> None:
    model = network(backbone, scale)
    for index in range(3):
        phases = model.phases(X, index)
        assert phases.shape == (2, 3 * scale**2, 6, 5)
        torch.testing.assert_close(model.subnet(index)(X), phases)


@pytest.mark.parametrize("backbone", list(ARCHITECTURES))
def test_narrow_weights_are_corners(backbone: str) -> None:
    model = network(backbone)
    widest = model.weights(0)
    narrow = model.subnet(2).state_dict()
    assert narrow.keys() == widest.keys()
    for name, values in narrow.items():
        corner = widest[name][tuple(slice(size) for size in values.shape)]
        torch.testing.assert_close(values, corner)
    assert sum(v.numel() for v in narrow.values()) < sum(v.numel() for v in widest.values()) / 2


@pytest.mark.parametrize("backbone", list(ARCHITECTURES))
def test_the_radius_is_reached_and_not_passed(backbone: str) -> None:
    from pcsr_edge.export.receptive import measured_radius

    subnet = network(backbone).subnet(1)
    assert measured_radius(subnet) == subnet.receptive_radius


def test_training_a_subnet_teaches_its_corner_alone() -> None:
    model = network().requires_grad_(True)
    torch.autograd.backward(model.phases(X, 1).square().sum())
    grad = model.widest.tail.weight.grad
    assert isinstance(grad, torch.Tensor)
    assert grad[:, :4].abs().min() > 0
    assert grad[:, 4:].abs().max() == 0


def test_a_residual_is_added_to_bilinear() -> None:
    model = network()
    base = F.interpolate(X, scale_factor=4, mode="bilinear", align_corners=False)
    made = F.pixel_shuffle(model.phases(X, 1), 4) + base
    torch.testing.assert_close(model(X, 1), made)
    assert torch.equal(model.results(X)[1], model(X, 1))


def test_without_a_residual_the_mean_is_taken_off_and_added_again() -> None:
    mean = (0.5, 0.25, 0.125)
    model = network(residual=False, mean=mean)
    shift = torch.tensor(mean).view(3, 1, 1)
    plain = network(residual=False)
    torch.testing.assert_close(model(X), plain(X - shift) + shift)


def test_costs_count_multiply_adds() -> None:
    # 5x5 head, 1x1 shrink, 3x3 mapping, 1x1 expand, 3x3 tail to 48.
    def work(width: int) -> int:
        return 75 * width + 3 * width + 81 + 3 * width + 9 * 48 * width

    assert network().costs() == pytest.approx([work(w) / work(8) for w in (8, 4, 2)])


def test_a_new_residual_network_begins_near_its_base() -> None:
    torch.manual_seed(0)
    model = Supernet(ArmConfig(4, "fsrcnn", (16, 8)))
    assert (F.pixel_unshuffle(model(X), 4) - model.base(X)).abs().mean() < 0.05


def test_the_method_is_that_of_the_description() -> None:
    assert method_of(ArmConfig(4, "fsrcnn", (8,))) == "arm"
    assert method_of(WbsrConfig(4, "fsrcnn", (8,))) == "wbsr"


GOOD: Dict[str, Any] = {"scale": 4, "backbone": "fsrcnn", "widths": [8, 4]}


def test_a_description_survives_plain_data() -> None:
    config = WbsrConfig(4, "carn", (8, 4), {"groups": 2}, False, (0.5, 0.5, 0.5), 16, 12)
    assert WbsrConfig.from_dict(config.to_dict()) == config
    assert WbsrConfig.from_dict(GOOD) == WbsrConfig(4, "fsrcnn", (8, 4))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param({**GOOD, "scale": 1}, "scale .* from 2, got 1", id="scale"),
        pytest.param({**GOOD, "widths": [4, 8]}, "widest first", id="order"),
        pytest.param({**GOOD, "widths": []}, "widths", id="no-widths"),
        pytest.param({**GOOD, "widths": 3}, "cannot be described", id="widths-number"),
        pytest.param({**GOOD, "patch": 8, "step": 9}, "step .* 9, beyond its patch", id="step"),
        pytest.param({**GOOD, "mean": [0]}, "mean must be three", id="mean"),
        pytest.param({**GOOD, "residual": 1}, "residual", id="residual"),
        pytest.param({**GOOD, "depth": 1}, "depth", id="unknown"),
        pytest.param({"scale": 4}, "cannot be described", id="missing"),
        pytest.param([1], "described by an object", id="list"),
    ],
)
def test_wrong_descriptions_are_refused(data: Any, message: str) -> None:
    with pytest.raises(CheckpointError, match=message):
        ArmConfig.from_dict(data)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param({"backbone": "rcan"}, "got 'rcan'", id="backbone"),
        pytest.param({"backbone_args": {"d": 3}}, "hold d, which widths decides", id="width"),
        pytest.param({"backbone_args": {"q": 3}}, "cannot be built", id="argument"),
        pytest.param({"backbone": "carn", "widths": [8, 6]}, "built", id="groups"),
        pytest.param({"backbone": "carn", "scale": 5}, "scale 2, 3 or 4, got 5", id="scale"),
    ],
)
def test_networks_that_cannot_be_built_are_refused(fields: Dict[str, Any], message: str) -> None:
    with pytest.raises(CheckpointError, match=message):
        Supernet(ArmConfig.from_dict({**GOOD, **fields}))
