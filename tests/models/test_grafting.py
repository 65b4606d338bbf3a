"""A cascade begins as the networks it takes its weights from."""

from __future__ import annotations

from typing import Tuple

import pytest
import torch

from pcsr_edge.errors import CheckpointError
from pcsr_edge.models import Cascade, CascadeConfig, Plain, PlainConfig, grafting
from pcsr_edge.models.grafting import graft, graft_deep

CONFIG = CascadeConfig(2, 6, 1, 5, 4, block=8, margin=1)


def plain(channels: int = 6, layers: int = 1, scale: int = 2) -> Plain:
    torch.manual_seed(0)
    return Plain(PlainConfig(scale, channels, layers)).eval().requires_grad_(False)


def cascade(config: CascadeConfig = CONFIG) -> Cascade:
    torch.manual_seed(1)
    return Cascade(config).eval().requires_grad_(False)


def image() -> torch.Tensor:
    return torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(2))


def deep_pair(layers: int) -> Tuple[torch.Tensor, torch.Tensor]:
    """Return the same windows' hidden features before the tail: of the cascade, of the source."""
    source, model = plain(5, layers), cascade()
    graft_deep(source, model)
    # Margin 1: the first convolution is unpadded, and the source's result inside is the same.
    features = model.features(image())
    hidden = model.deep[:-1](features)
    first = source.body[:2](image())[:, :, 1:-1, 1:-1]
    return hidden, source.body[2:-1](first)


def test_a_plain_network_becomes_the_light_result() -> None:
    source, model = plain(), cascade()
    graft(source, model)
    torch.testing.assert_close(model.results(image())[1], source(image()))


@pytest.mark.parametrize("layers", [1, 3, 4])
def test_the_deep_part_computes_what_the_plain_network_does(
    monkeypatch: pytest.MonkeyPatch, layers: int
) -> None:
    monkeypatch.setattr(grafting, "NEW_GAIN", 0.0)
    torch.testing.assert_close(*deep_pair(layers))


def test_new_layers_begin_close_to_the_identity() -> None:
    hidden, expected = deep_pair(3)
    assert 0 < (hidden - expected).abs().mean() < 0.2 * expected.abs().mean()


def test_the_correction_begins_close_to_nothing() -> None:
    model = cascade()
    graft_deep(plain(5, 3), model)
    heavy, light = model.results(image())
    assert 0 < (heavy - light).abs().max() < 0.02


def test_of_another_cascade_all_is_taken_that_fits() -> None:
    source, model = cascade(), cascade(CascadeConfig(3, 6, 1, 5, 4, block=8, margin=1))
    for weight in source.parameters():
        weight.normal_()
    before = model.light.kernel.clone()
    graft(source, model)
    features = source.features(image())
    assert torch.equal(model.features(image()), features)
    assert torch.equal(model.deep[:-1](features), source.deep[:-1](features))
    assert torch.equal(model.light.kernel, before)


@pytest.mark.parametrize("shape", [(5, 1, 2), (6, 2, 2), (6, 1, 3)], ids=["width", "layers", "s"])
def test_a_trunk_that_does_not_fit_is_refused(shape: Tuple[int, int, int]) -> None:
    with pytest.raises(CheckpointError, match="cannot be that of"):
        graft(plain(*shape), cascade())


@pytest.mark.parametrize("shape", [(6, 1, 2), (5, 5, 2), (5, 1, 3)], ids=["width", "layers", "s"])
def test_a_deep_part_that_does_not_fit_is_refused(shape: Tuple[int, int, int]) -> None:
    with pytest.raises(CheckpointError, match="cannot begin as"):
        graft_deep(plain(*shape), cascade())
