"""The cascade: two results, blocks of their own, and the networks left after training."""

from __future__ import annotations

from typing import Any, Dict

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from pcsr_edge.errors import CheckpointError
from pcsr_edge.models import Cascade, CascadeConfig
from pcsr_edge.models.reparameterised import ReparameterisedConv

CONFIG = CascadeConfig(3, 6, 1, 3, block=4, margin=2, gain_channels=4)


def network(config: CascadeConfig = CONFIG) -> Cascade:
    """Build a small network whose results matter."""
    torch.manual_seed(0)
    model = Cascade(config)
    with torch.no_grad():
        for parameter in (*model.trunk.parameters(), *model.deep.parameters()):
            parameter.mul_(1.5)
        nn.init.normal_(model.light.weight, std=0.2)
    return model.eval().requires_grad_(False)


def image(height: int = 10, width: int = 9) -> torch.Tensor:
    """Draw two LR pictures."""
    return torch.rand(2, 3, height, width, generator=torch.Generator().manual_seed(1))


def test_the_light_result_is_a_pointwise_head_over_bilinear() -> None:
    model, x = network(), image()
    base = F.interpolate(x, scale_factor=3, mode="bilinear", align_corners=False)
    light = F.pixel_shuffle(model.light(model.trunk(x)), 3) + base
    torch.testing.assert_close(model.results(x)[1], light)
    assert (light - base).abs().max() > 0.01


def test_the_network_is_heavy_everywhere() -> None:
    model, x = network(), image()
    heavy, light = model.results(x)
    assert torch.equal(model(x), heavy)
    assert (heavy - light).abs().max() > 0.01


def test_a_block_sees_its_margin_and_no_more() -> None:
    model = network()
    features = model.trunk(image(12, 12))
    whole = model.correction(features)[:, :, 4:8, 4:8]
    inner = torch.zeros_like(features)
    inner[:, :, 2:10, 2:10] = features[:, :, 2:10, 2:10]
    assert torch.equal(model.correction(inner)[:, :, 4:8, 4:8], whole)
    inner[:, :, 2] = 0
    assert not torch.equal(model.correction(inner)[:, :, 4:8, 4:8], whole)


def test_the_merged_parts_compute_the_same() -> None:
    model, x = network(), image(8, 8)
    features = model.trunk(x)
    merged = model.reparameterised_trunk()(x)
    torch.testing.assert_close(merged, features, atol=1e-5, rtol=1e-5)
    windows = F.pad(features, (2, 2, 2, 2))[:, :, :8, :8]
    merged = model.reparameterised_deep()(windows)
    assert merged.shape == (2, 27, 4, 4)
    torch.testing.assert_close(merged, model.deep(windows), atol=1e-5, rtol=1e-5)


def test_the_merged_parts_hold_plain_layers_alone() -> None:
    layers = list(network().reparameterised_deep().layers)
    assert [type(layer) for layer in layers] == [nn.Conv2d, nn.ReLU] * 3 + [nn.Conv2d]
    padding = [layer.padding for layer in layers if isinstance(layer, nn.Conv2d)]
    assert padding == [(0, 0), (0, 0), (1, 1), (1, 1)]


def test_a_new_network_begins_near_its_base() -> None:
    torch.manual_seed(0)
    model = Cascade(CascadeConfig(4, 16, 2, 3))
    x = torch.rand(1, 3, 20, 20)
    base = F.pixel_shuffle(model.base(x), 4)
    for result in model.results(x):
        assert (result - base).abs().mean() < 0.05


def test_the_receptive_radius_is_reached_and_not_passed() -> None:
    model = network(CascadeConfig(2, 4, 1, 3, block=2, margin=2))
    for layer in (*model.trunk, *model.deep):
        if isinstance(layer, ReparameterisedConv):
            # Positive weights and one bright pixel: no ReLU closes on the way.
            layer.kernel.fill_(0.1)
            layer.squeeze.zero_()
            layer.identity.zero_()
    x = torch.zeros(1, 3, 2, 24)
    x[..., 11] = 1
    touched = model(x) != model(0 * x)
    cells = touched.any(dim=1).flatten(0, 1).any(dim=0).view(-1, 2).any(dim=1).nonzero()
    # Blocks begin at even cells; one sees 4 cells to each side of itself.
    assert model.receptive_radius == 4
    assert (cells.min(), cells.max()) == (6, 15)


GOOD: Dict[str, Any] = {"scale": 4, "channels": 16, "trunk_layers": 2, "deep_layers": 3}


def test_a_description_survives_plain_data() -> None:
    assert CascadeConfig.from_dict(CONFIG.to_dict()) == CONFIG
    assert CascadeConfig.from_dict(GOOD) == CascadeConfig(4, 16, 2, 3, 16, 3, 16, 2)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param({**GOOD, "scale": 1}, "scale .* from 2, got 1", id="scale"),
        pytest.param({**GOOD, "scale": True}, "scale", id="scale-bool"),
        pytest.param({**GOOD, "block": 0}, "block .* from 1, got 0", id="block"),
        pytest.param({**GOOD, "margin": -1}, "margin .* from 0", id="margin"),
        pytest.param({**GOOD, "margin": 5}, "margin .* is 5, .* only 4 convolutions", id="wide"),
        pytest.param({**GOOD, "expansion": 1.5}, "expansion", id="expansion"),
        pytest.param({**GOOD, "width": 3}, "width", id="unknown"),
        pytest.param({"scale": 4}, "cannot be described", id="missing"),
        pytest.param([1], "described by an object", id="list"),
    ],
)
def test_wrong_descriptions_are_refused(data: Any, message: str) -> None:
    with pytest.raises(CheckpointError, match=message):
        CascadeConfig.from_dict(data)
