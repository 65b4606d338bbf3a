"""A cascade begins as good as the network it takes its weights from."""

from __future__ import annotations

import pytest
import torch

from pcsr_edge.errors import CheckpointError
from pcsr_edge.models import Cascade, CascadeConfig, Plain, PlainConfig, grafting
from pcsr_edge.models.grafting import graft

# One block holds the picture, and nothing is unpadded: the same layers give the same result.
CONFIG = CascadeConfig(2, 6, 1, 4, block=8, margin=0)


def plain(layers: int = 3, channels: int = 6) -> Plain:
    torch.manual_seed(0)
    return Plain(PlainConfig(2, channels, layers)).eval().requires_grad_(False)


def cascade(config: CascadeConfig = CONFIG) -> Cascade:
    torch.manual_seed(1)
    return Cascade(config).eval().requires_grad_(False)


def image() -> torch.Tensor:
    return torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(2))


def test_a_cascade_begins_as_the_plain_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grafting, "NEW_GAIN", 0.0)
    source, model = plain(), cascade()
    graft(source, model)
    torch.testing.assert_close(model(image()), source(image()))


def test_new_layers_begin_close_to_the_identity() -> None:
    source, model = plain(), cascade()
    graft(source, model)
    difference = (model(image()) - source(image())).abs().max()
    assert 0 < difference < 0.02


def test_of_another_cascade_all_is_taken_that_fits() -> None:
    source, model = cascade(), cascade(CascadeConfig(3, 6, 1, 4, block=8, margin=0))
    for weight in source.parameters():
        weight.normal_()
    before = model.light.weight.clone()
    graft(source, model)
    assert torch.equal(model.trunk(image()), source.trunk(image()))
    assert torch.equal(
        model.deep[:-1](model.trunk(image())), source.deep[:-1](source.trunk(image()))
    )
    assert torch.equal(model.light.weight, before)


@pytest.mark.parametrize(
    ("layers", "channels"), [(0, 6), (6, 6), (3, 5)], ids=["too-few", "too-many", "width"]
)
def test_a_network_that_does_not_fit_is_refused(layers: int, channels: int) -> None:
    with pytest.raises(CheckpointError, match="cannot begin as a plain network"):
        graft(plain(layers, channels), cascade())
