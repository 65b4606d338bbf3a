"""Backbones: shapes, the receptive radius they claim, what the registry refuses."""

from __future__ import annotations

from typing import Any, Dict

import pytest
import torch

from pcsr_edge.errors import CheckpointError
from pcsr_edge.models import BACKBONES, Backbone, BackboneRegistry

SMALL: Dict[str, Dict[str, Any]] = {
    "fsrcnn": {"d": 6, "s": 4, "m": 2},
    "carn": {"nf": 8, "groups": 2},
    "srresnet": {"nf": 4, "blocks": 2},
}


def build(name: str) -> Backbone:
    """Return a small backbone in double precision, for evaluation."""
    torch.manual_seed(0)
    return BACKBONES.build(name, SMALL[name]).double().eval()


def reach(backbone: Backbone) -> int:
    """Measure how far a change of one pixel is felt."""
    with torch.no_grad():
        for parameter in backbone.parameters():
            # All positive: no ReLU on the way swallows the change.
            parameter.abs_()
    size = 2 * backbone.receptive_radius + 5
    image = torch.rand(1, 3, size, size, dtype=torch.float64)
    changed = image.clone()
    changed[..., size // 2, size // 2] += 100
    with torch.no_grad():
        felt = (backbone(image) != backbone(changed)).any(1)[0].nonzero()
    return int((felt - size // 2).abs().max())


def test_registered_names() -> None:
    assert BACKBONES.names() == ("fsrcnn", "carn", "srresnet")


@pytest.mark.parametrize("name", BACKBONES.names())
def test_features_keep_the_size(name: str) -> None:
    backbone = build(name)
    features = backbone(torch.rand(2, 3, 7, 5, dtype=torch.float64))
    assert features.shape == (2, backbone.feature_channels, 7, 5)


@pytest.mark.parametrize("name", BACKBONES.names())
def test_receptive_radius_is_how_far_a_pixel_is_felt(name: str) -> None:
    backbone = build(name)
    assert reach(backbone) == backbone.receptive_radius


@pytest.mark.parametrize("name", BACKBONES.names())
def test_a_halo_makes_tiles_exact(name: str) -> None:
    backbone = build(name)
    halo = backbone.receptive_radius
    image = torch.rand(1, 3, 2 * halo + 9, 6, dtype=torch.float64)
    with torch.no_grad():
        whole, tile = backbone(image), backbone(image[:, :, : halo + 4])
    torch.testing.assert_close(tile[:, :, :4], whole[:, :, :4])


def test_carn_shares_its_residual_block_among_three_stages() -> None:
    blocks = [n for n, _ in build("carn").named_parameters() if "residual.body.0.weight" in n]
    assert len(blocks) == 3


def test_a_name_can_be_taken_only_once() -> None:
    registry = BackboneRegistry()
    registry.add("mine", Backbone)
    with pytest.raises(ValueError, match="'mine' is registered already"):
        registry.add("mine", Backbone)


def test_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(CheckpointError, match=r"unknown backbone 'edsr'; known are fsrcnn, carn"):
        BACKBONES.build("edsr", {})


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        pytest.param("fsrcnn", {"channels": 4}, id="unknown-argument"),
        pytest.param("fsrcnn", {"d": "48"}, id="text"),
        pytest.param("fsrcnn", {"d": -1}, id="negative"),
        pytest.param("fsrcnn", {"m": 0}, id="no-mapping-layer"),
        pytest.param("carn", {"nf": 50, "groups": 4}, id="channels-no-multiple-of-groups"),
        pytest.param("srresnet", {"blocks": 0}, id="no-blocks"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(name: str, arguments: Dict[str, Any]) -> None:
    with pytest.raises(CheckpointError, match=f"backbone '{name}' cannot be built"):
        BACKBONES.build(name, arguments)


def test_a_backbone_without_forward_says_so() -> None:
    with pytest.raises(TypeError, match="Backbone does not define forward"):
        Backbone(4, 1)(torch.zeros(1, 3, 2, 2))
