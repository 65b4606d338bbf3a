"""Training a cascade: its losses, its phases, its blocks, and that the gain is learnt."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest
import torch
from torch.nn import functional as F

from pcsr_edge.errors import TrainingError
from pcsr_edge.models import (
    PCSR,
    Cascade,
    CascadeConfig,
    Checkpoint,
    PCSRConfig,
    Plain,
    PlainConfig,
    load_checkpoint,
    save_checkpoint,
)
from pcsr_edge.models.blocks import Block
from pcsr_edge.train import Progress, Trainer, load_pairs, recipe_from_dict
from pcsr_edge.train.cascade_lesson import GAIN_FLOOR, GAIN_UNIT, CascadeLesson
from pcsr_edge.train.lessons import lesson_for
from pcsr_edge.train.recipe import Recipe

SCALE = 2


def recipe(**fields: Any) -> Recipe:
    """Build a small recipe."""
    data: Dict[str, Any] = {
        "name": "tiny",
        "method": "cascade",
        "scale": SCALE,
        "model": {
            **{"scale": SCALE, "channels": 4, "trunk_layers": 1, "deep_layers": 2},
            **{"block": 4, "margin": 1, "gain_channels": 4},
        },
        "phases": [{"steps": 4, "lr": 0.01}, {"steps": 2, "lr": 0.01}],
        "batch": 2,
        "patch": 8,
    }
    return recipe_from_dict({**data, **fields}, "test")


def lesson(**fields: Any) -> Tuple[Cascade, CascadeLesson]:
    """Build a network whose light head matters, and its lesson."""
    made = recipe(**fields)
    torch.manual_seed(0)
    assert isinstance(made.model, CascadeConfig)
    model = Cascade(made.model)
    torch.nn.init.normal_(model.light.weight, std=0.05)
    found = lesson_for(made, model)
    assert isinstance(found, CascadeLesson)
    return model, found


def batch(side: int = 8) -> Tuple[torch.Tensor, torch.Tensor]:
    """Draw two patches."""
    torch.manual_seed(1)
    return torch.rand(2, 3, side, side), torch.rand(2, 3, side * SCALE, side * SCALE)


def test_the_loss_is_that_of_both_results_on_the_whole_patch() -> None:
    model, cascade = lesson(loss_light=0.25)
    lr, hr = batch()
    loss = cascade.loss(lr, hr, 0, 3)
    # Four blocks of 4 are the patch of 8.
    heavy, light = (F.l1_loss(result, hr) for result in model.results(lr))
    torch.testing.assert_close(loss.recon, heavy)
    torch.testing.assert_close(loss.average, light)
    torch.testing.assert_close(loss.total, heavy + 0.25 * light)


def test_blocks_lie_in_the_middle_and_at_both_edges() -> None:
    _, cascade = lesson(patch=24)
    firsts = {cascade._blocks(24, 0, step)[0].row for step in range(100)}
    assert {0, 16} < firsts
    assert len(firsts) > 3
    assert firsts - {0, 16} <= set(range(6, 11))
    first, *others = cascade._blocks(24, 0, 5)
    expected = [(0, 4), (4, 0), (4, 4)]
    assert others == [Block(first.row + y, first.col + x) for y, x in expected]


def test_a_patch_with_room_for_one_block_has_one() -> None:
    _, cascade = lesson(patch=7)
    assert len(cascade._blocks(7, 0, 0)) == 1


def test_the_same_step_has_the_same_blocks() -> None:
    losses = [lesson(patch=24)[1].loss(*batch(24), 0, 7).total for _ in range(2)]
    assert torch.equal(losses[0], losses[1])


def test_the_last_phase_trains_the_gain_alone() -> None:
    model, cascade = lesson()
    gain = {id(parameter) for parameter in model.gain.parameters()}
    everything = {id(parameter) for parameter in model.parameters()}
    assert {id(parameter) for parameter in cascade.begin(0)} == everything - gain
    assert {id(parameter) for parameter in cascade.begin(1)} == gain
    torch.autograd.backward(cascade.loss(*batch(), 1, 0).total)
    assert all(parameter.grad is not None for parameter in model.gain.parameters())


def test_the_gain_is_held_against_the_true_one_by_ratio() -> None:
    model, cascade = lesson()
    lr, hr = batch()
    with torch.no_grad():
        heavy, light = model.results(lr)
        gain = ((light - hr) ** 2 - (heavy - hr) ** 2) / GAIN_UNIT
        found = model.gain(model.trunk(lr)).exp()
        true = F.avg_pool2d(gain.mean(1, keepdim=True), 4 * SCALE).clamp(min=0)
        ratio = (F.avg_pool2d(found, 4) + GAIN_FLOOR) / (true + GAIN_FLOOR)
    torch.testing.assert_close(cascade.loss(lr, hr, 1, 0).total, ratio.log().abs().mean())


def test_bfloat16_is_used_in_the_first_share_of_steps_alone() -> None:
    _, cascade = lesson(bf16_share=0.5)
    _, exact = lesson()
    with torch.no_grad():
        pairs = [(cascade, exact)] * 4
        differences = [
            float((a.loss(*batch(), 0, step).total - b.loss(*batch(), 0, step).total).abs())
            for step, (a, b) in enumerate(pairs)
        ]
    assert min(differences[:2]) > 1e-6
    assert max(differences[2:]) == 0


def test_training_improves_the_picture_and_then_the_gain(tmp_path: Path, pictures: Path) -> None:
    phases = [{"steps": 150, "lr": 0.005}, {"steps": 150, "lr": 0.01}]
    pairs = load_pairs(pictures, SCALE)
    seen: List[Progress] = []
    made = recipe(phases=phases, validate_every=1)
    Trainer(made, pairs, pairs[:1], tmp_path, seen.append).run({})
    assert seen[149].psnr > seen[0].psnr + 0.3
    assert seen[-1].psnr == seen[149].psnr
    first, last = (sum(p.recon for p in part) for part in (seen[150:170], seen[-20:]))
    assert last < 0.8 * first


def start(tmp_path: Path, pictures: Path, model: Any, name: str = "before") -> Cascade:
    """Begin a run with the weights of `model`, and return the network it begins with."""
    save_checkpoint(tmp_path / "before.pth", Checkpoint(model, {"recipe": name}))
    made = recipe(start_from="before")
    trainer = Trainer(made, load_pairs(pictures, SCALE), [], tmp_path / "run")
    trainer.start_from(tmp_path / "before.pth")
    assert isinstance(trainer.model, Cascade)
    assert load_checkpoint(trainer.run({})).provenance["start_from"] == "before"
    return trainer.model


@pytest.mark.parametrize(
    "source",
    [Plain(PlainConfig(SCALE, 4, 2)), Cascade(CascadeConfig(3, 4, 1, 2, 4, 1, 4))],
    ids=["plain", "cascade"],
)
def test_a_run_can_begin_with_another_network(tmp_path: Path, pictures: Path, source: Any) -> None:
    start(tmp_path, pictures, source)


def test_other_starts_are_refused(tmp_path: Path, pictures: Path) -> None:
    pcsr = PCSR(PCSRConfig("fsrcnn", {"d": 4, "s": 2, "m": 1}, ((4,),)))
    with pytest.raises(TrainingError, match="holds a PCSR; a cascade begins as"):
        start(tmp_path, pictures, pcsr)
    with pytest.raises(TrainingError, match="cannot begin as a plain network"):
        start(tmp_path, pictures, Plain(PlainConfig(SCALE, 5, 2)))
    with pytest.raises(TrainingError, match="made by recipe 'other'"):
        start(tmp_path, pictures, Plain(PlainConfig(SCALE, 4, 2)), "other")
