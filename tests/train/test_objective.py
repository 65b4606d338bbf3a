"""The objective: equal to its plain definition, and what each phase trains."""

from __future__ import annotations

from typing import Any, List, Tuple

import pytest
import torch
from torch.nn import functional as F

from pcsr_edge.models import PCSR, PCSRConfig
from pcsr_edge.models.geometry import query_inputs
from pcsr_edge.train.objective import Objective, random_phases

SCALE = 3
BACKBONES = {
    "fsrcnn": {"d": 5, "s": 3, "m": 1},
    "carn": {"nf": 4, "groups": 2},
    "srresnet": {"nf": 4, "blocks": 1},
}
WIDTHS = ((6, 5), (4,), ())


def make(classes: int, backbone: str = "fsrcnn", **more: Any) -> PCSR:
    """Build a small network; unequal weights keep the classes apart."""
    torch.manual_seed(1)
    config = PCSRConfig(backbone, BACKBONES[backbone], WIDTHS[:classes], (4,), **more)
    model = PCSR(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(1.5)
    return model


def first_classes(model: PCSR, count: int) -> PCSR:
    """Cut a network down to its first classes."""
    config = PCSRConfig(
        model.config.backbone,
        model.config.backbone_args,
        model.config.upsamplers[:count],
        model.config.classifier,
        model.config.mean,
        model.config.std,
    )
    cut = PCSR(config).train(model.training)
    weights = dict(model.state_dict())
    if count > 1:
        for name in ("classifier.rest.1.weight", "classifier.rest.1.bias"):
            weights[name] = weights[name][:count]
    kept = set(cut.state_dict())
    cut.load_state_dict({name: value for name, value in weights.items() if name in kept})
    return cut


def batch() -> Tuple[torch.Tensor, torch.Tensor]:
    """Draw two patches."""
    torch.manual_seed(2)
    return torch.rand(2, 3, 4, 5), torch.rand(2, 3, 4 * SCALE, 5 * SCALE)


def every_phase() -> torch.Tensor:
    """Return all phases of two patches, in an order of their own."""
    return torch.stack([torch.randperm(SCALE**2), torch.randperm(SCALE**2)])


def plain_losses(model: PCSR, lr: torch.Tensor, hr: torch.Tensor) -> Tuple[float, float]:
    """Compute L_recon and L_avg from the definition (PCSR, section 3.3)."""
    size = (hr.shape[2], hr.shape[3])
    with torch.no_grad():
        recon = F.l1_loss(model.normalise(model(lr, size)), model.normalise(hr))
        queries = query_inputs(model.backbone(model.normalise(lr)), size)
        p = torch.softmax(model.logits(queries), -1).flatten(0, 1)
    count, classes = p.shape
    average = sum(abs(float(p[:, j].sum()) - count / classes) for j in range(classes)) / count
    return float(recon), average


@pytest.mark.parametrize("backbone", BACKBONES)
@pytest.mark.parametrize(("classes", "stage"), [(1, 0), (2, 0), (2, 1), (3, 1), (3, 2)], ids=str)
def test_losses_equal_their_definition(backbone: str, classes: int, stage: int) -> None:
    model = make(classes, backbone, mean=(0.4, 0.5, 0.6), std=0.5)
    lr, hr = batch()
    objective = Objective(model, SCALE, stage)
    objective.freeze_the_rest()
    losses = objective(lr, hr, every_phase())
    expected = plain_losses(first_classes(model, stage + 1), lr, hr)
    assert losses.recon.item() == pytest.approx(expected[0], abs=1e-5)
    assert losses.average.item() == pytest.approx(expected[1], abs=1e-5)


def test_two_classes_balance_as_in_the_published_code() -> None:
    model = make(2)
    lr, hr = batch()
    losses = Objective(model, SCALE, 1)(lr, hr, every_phase())
    queries = query_inputs(model.backbone(lr), (4 * SCALE, 5 * SCALE))
    heavy = torch.softmax(model.logits(queries), -1)[..., 0]
    half = heavy.numel() / 2
    assert losses.average.item() == pytest.approx(abs(heavy.sum().item() - half) / half, abs=1e-5)


@pytest.mark.parametrize("stage", [0, 1])
def test_chosen_phases_average_to_all_of_them(stage: int) -> None:
    model = make(2)
    lr, hr = batch()
    objective = Objective(model, SCALE, stage)
    single = [
        objective(lr, hr, torch.full((2, 1), phase)).recon.item() for phase in range(SCALE**2)
    ]
    whole = objective(lr, hr, every_phase()).recon.item()
    assert sum(single) / len(single) == pytest.approx(whole, abs=1e-6)


@pytest.mark.parametrize(
    ("stage", "parts"),
    [
        (0, ["backbone", "upsamplers.0"]),
        (1, ["classifier", "upsamplers.1"]),
        (2, ["classifier", "upsamplers.2"]),
    ],
)
def test_a_phase_trains_its_parts_alone(stage: int, parts: List[str]) -> None:
    model = make(3)
    objective = Objective(model, SCALE, stage)
    objective.freeze_the_rest()
    losses = objective(*batch(), every_phase())
    torch.autograd.backward(losses.recon + losses.average)
    learning = {n for n, p in model.named_parameters() if p.grad is not None}
    assert learning == {n for n, _ in model.named_parameters() if n.startswith(tuple(parts))}


def test_a_frozen_batch_norm_keeps_its_statistics() -> None:
    model = make(2, "carn")
    before = {name: value.clone() for name, value in model.named_buffers()}
    objective = Objective(model, SCALE, 1)
    objective.freeze_the_rest()
    objective(*batch(), every_phase())
    assert all(torch.equal(before[name], value) for name, value in model.named_buffers())


def test_phase_0_learns_batch_norm_statistics() -> None:
    model = make(2, "carn")
    objective = Objective(model, SCALE, 0)
    objective.freeze_the_rest()
    objective(*batch(), every_phase())
    statistics = [b for name, b in model.named_buffers() if name.endswith("num_batches_tracked")]
    assert {int(count) for count in statistics} == {1}


def test_a_second_phase_of_a_network_with_one_class_does_not_exist() -> None:
    with pytest.raises(IndexError):
        Objective(make(1), SCALE, 1).trainable()


def test_random_phases_differ_within_a_patch() -> None:
    phases = random_phases(50, 3, 4, torch.Generator().manual_seed(0))
    assert phases.shape == (50, 4)
    assert all(len(set(row)) == 4 for row in phases.tolist())


def test_random_phases_are_uniform() -> None:
    phases = random_phases(4000, 2, 1, torch.Generator().manual_seed(0))
    assert torch.bincount(phases.flatten()).tolist() == pytest.approx([1000] * 4, rel=0.1)
