"""Training a plain network: its loss, its precisions, exact resuming, and that it learns."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest
import torch
from torch.nn import functional as F

from pcsr_edge.models import Plain, PlainConfig, load_checkpoint
from pcsr_edge.train import Progress, Trainer, load_pairs, recipe_from_dict
from pcsr_edge.train.lessons import lesson_for
from pcsr_edge.train.plain_lesson import PlainLesson
from pcsr_edge.train.recipe import Recipe
from pcsr_edge.train.state import STATE_FILE

SCALE = 2


def recipe(**fields: Any) -> Recipe:
    """Build a small recipe."""
    data: Dict[str, Any] = {
        "name": "tiny",
        "method": "plain",
        "scale": SCALE,
        "model": {"scale": SCALE, "channels": 4, "layers": 1},
        "phases": [{"steps": 4, "lr": 0.01}],
        "batch": 2,
        "patch": 8,
        "bf16_share": 0.5,
        "save_every": 2,
    }
    return recipe_from_dict({**data, **fields}, "test")


def lesson(**fields: Any) -> Tuple[Plain, PlainLesson]:
    """Build a network and its lesson."""
    made = recipe(**fields)
    torch.manual_seed(0)
    assert isinstance(made.model, PlainConfig)
    model = Plain(made.model)
    found = lesson_for(made, model)
    assert isinstance(found, PlainLesson)
    return model, found


def batch() -> Tuple[torch.Tensor, torch.Tensor]:
    """Draw two patches."""
    torch.manual_seed(1)
    return torch.rand(2, 3, 5, 4), torch.rand(2, 3, 5 * SCALE, 4 * SCALE)


def test_the_loss_is_the_mean_absolute_error_of_the_picture() -> None:
    model, plain = lesson()
    lr, hr = batch()
    loss = plain.loss(lr, hr, 0, 3)
    torch.testing.assert_close(loss.total, F.l1_loss(model(lr), hr))
    assert torch.equal(loss.recon, loss.total)
    assert loss.average == 0


def test_bfloat16_is_used_in_the_first_share_of_steps_alone() -> None:
    model, plain = lesson()
    with torch.no_grad():
        exact = F.l1_loss(model(batch()[0]), batch()[1])
        losses = [plain.loss(*batch(), 0, step).total for step in range(4)]
    differences = [float((loss - exact).abs()) for loss in losses]
    assert min(differences[:2]) > 1e-6
    assert max(differences[2:]) < 1e-6
    assert max(differences) < 1e-2


def test_the_loss_and_the_weights_stay_in_single_precision() -> None:
    model, plain = lesson()
    loss = plain.loss(*batch(), 0, 0).total
    torch.autograd.backward(loss)
    assert loss.dtype == torch.float32
    assert {p.grad.dtype for p in model.parameters() if p.grad is not None} == {torch.float32}


def test_everything_learns() -> None:
    model, plain = lesson()
    model.requires_grad_(False)
    assert len(plain.begin(0)) == len(list(model.parameters()))
    assert all(parameter.requires_grad for parameter in model.parameters())


def stop_after(folder: Path, pictures: Path, step: int) -> None:
    """Train until `step` steps are done in all, and stop."""
    trainer = Trainer(recipe(), load_pairs(pictures, SCALE), [], folder, lambda p: at(p.step))

    def at(done: int) -> None:
        if done == step:
            trainer.stop()

    if (folder / STATE_FILE).exists():
        trainer.resume()
    with pytest.raises(KeyboardInterrupt):
        trainer.run({})


def trained(folder: Path, pictures: Path) -> Plain:
    """Train to the end, from where a run in `folder` stopped."""
    trainer = Trainer(recipe(), load_pairs(pictures, SCALE), [], folder)
    if (folder / STATE_FILE).exists():
        trainer.resume()
    model = load_checkpoint(trainer.run({"data": "drawn"})).model
    assert isinstance(model, Plain)
    return model


def test_a_stopped_run_ends_bit_equal(tmp_path: Path, pictures: Path) -> None:
    whole = trained(tmp_path / "a", pictures).state_dict()
    for step in (1, 3):
        stop_after(tmp_path / "b", pictures, step)
    broken = trained(tmp_path / "b", pictures).state_dict()
    assert all(torch.equal(value, broken[name]) for name, value in whole.items())


def test_validation_measures_the_network_and_improves(tmp_path: Path, pictures: Path) -> None:
    made = recipe(phases=[{"steps": 150, "lr": 0.005}], validate_every=1)
    pairs = load_pairs(pictures, SCALE)
    seen: List[Progress] = []
    Trainer(made, pairs, pairs[:1], tmp_path, seen.append).run({})
    assert seen[-1].psnr > seen[0].psnr + 0.3
    assert {progress.average for progress in seen} == {0.0}


def test_the_checkpoint_tells_its_recipe(tmp_path: Path, pictures: Path) -> None:
    trained(tmp_path, pictures)
    provenance = load_checkpoint(tmp_path / "checkpoint.pth").provenance
    assert provenance["recipe"] == "tiny"
    assert provenance["scale"] == SCALE
    assert provenance["data"] == "drawn"
