"""Training a supernet: its losses, which subnet learns, resuming, and that it learns."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest
import torch
from torch.nn import functional as F

from pcsr_edge.errors import RecipeError
from pcsr_edge.models import Supernet, SupernetConfig, load_checkpoint
from pcsr_edge.train import PatchSampler, Progress, Trainer, load_pairs, recipe_from_dict
from pcsr_edge.train.balanced_loss import BalancedL1
from pcsr_edge.train.balanced_sampler import BalancedSampler
from pcsr_edge.train.lessons import lesson_for
from pcsr_edge.train.recipe import Recipe
from pcsr_edge.train.samplers import sampler_for
from pcsr_edge.train.state import STATE_FILE
from pcsr_edge.train.supernet_lesson import SupernetLesson

SCALE = 2


def recipe(**fields: Any) -> Recipe:
    """Build a small recipe."""
    model = {"scale": SCALE, "backbone": "fsrcnn", "widths": [6, 3]}
    data: Dict[str, Any] = {
        "name": "tiny",
        "method": "wbsr",
        "scale": SCALE,
        "model": {**model, "backbone_args": {"s": 3, "m": 1}},
        "phases": [{"steps": 4, "lr": 0.01}],
        "batch": 2,
        "patch": 8,
        "save_every": 2,
    }
    return recipe_from_dict({**data, **fields}, "test")


def lesson(**fields: Any) -> Tuple[Supernet, SupernetLesson]:
    """Build a network and its lesson."""
    made = recipe(**fields)
    torch.manual_seed(0)
    assert isinstance(made.model, SupernetConfig)
    model = Supernet(made.model)
    found = lesson_for(made, model)
    assert isinstance(found, SupernetLesson)
    return model, found


def batch() -> Tuple[torch.Tensor, torch.Tensor]:
    """Draw two patches."""
    torch.manual_seed(1)
    return torch.rand(2, 3, 8, 8), torch.rand(2, 3, 8 * SCALE, 8 * SCALE)


def test_each_step_trains_one_subnet_the_wide_one_more_often() -> None:
    model, supernet = lesson()
    lr, hr = batch()
    errors = [float(F.l1_loss(result, hr).detach()) for result in model.results(lr)]
    steps = [float(supernet.loss(lr, hr, 0, step).total.detach()) for step in range(80)]
    chosen = [min((0, 1), key=lambda j: abs(errors[j] - loss)) for loss in steps]
    assert all(abs(errors[j] - loss) < 1e-6 for j, loss in zip(chosen, steps))
    wide, narrow = model.costs()
    expected = 80 * wide**2 / (wide**2 + narrow**2)
    assert chosen.count(0) == pytest.approx(expected, abs=10)


def test_the_balanced_loss_differs_and_recon_stays_l1() -> None:
    (_, plain), (_, balanced) = lesson(), lesson(loss_noise=0.01)
    first, second = plain.loss(*batch(), 0, 0), balanced.loss(*batch(), 0, 0)
    torch.testing.assert_close(first.recon, second.recon)
    assert second.total < second.recon - 1e-3
    assert first.total == first.recon


@pytest.mark.parametrize("residual", [True, False])
def test_the_balanced_loss_is_of_details_whatever_the_network_adds_to(residual: bool) -> None:
    model = {"scale": SCALE, "backbone": "fsrcnn", "widths": [6], "residual": residual}
    network, supernet = lesson(model=model, loss_noise=0.05)
    lr, hr = batch()
    smooth = F.interpolate(lr, scale_factor=SCALE, mode="bilinear", align_corners=False)
    expected = BalancedL1(0.05)(network(lr) - smooth, hr - smooth)
    torch.testing.assert_close(supernet.loss(lr, hr, 0, 0).total, expected)


def test_the_sampler_is_that_of_the_recipe(pictures: Path) -> None:
    pairs = load_pairs(pictures, SCALE)
    assert type(sampler_for(recipe(), pairs)) is PatchSampler
    assert isinstance(sampler_for(recipe(balanced_from=0.5), pairs), BalancedSampler)


@pytest.mark.parametrize("field", ["loss_noise", "balanced_from", "difficulty_classes"])
def test_arm_has_none_of_wbsrs_fields(field: str) -> None:
    with pytest.raises(RecipeError, match=f"{field} belongs to method 'wbsr'"):
        recipe(method="arm", **{field: 1})


def trained(folder: Path, pictures: Path, stop_at: int = 0) -> Dict[str, torch.Tensor]:
    """Train to the end, or until `stop_at`, from where a run in `folder` stopped."""
    made = recipe(balanced_from=0.5, loss_noise=0.01)

    def report(progress: Progress) -> None:
        if progress.step == stop_at:
            trainer.stop()

    trainer = Trainer(made, load_pairs(pictures, SCALE), [], folder, report)
    if (folder / STATE_FILE).exists():
        trainer.resume()
    if stop_at:
        with pytest.raises(KeyboardInterrupt):
            trainer.run({})
        return {}
    return dict(load_checkpoint(trainer.run({})).model.state_dict())


def test_a_stopped_run_ends_bit_equal(tmp_path: Path, pictures: Path) -> None:
    whole = trained(tmp_path / "a", pictures)
    trained(tmp_path / "b", pictures, stop_at=3)
    broken = trained(tmp_path / "b", pictures)
    assert all(torch.equal(value, broken[name]) for name, value in whole.items())


def test_the_widest_subnet_improves(tmp_path: Path, pictures: Path) -> None:
    made = recipe(method="arm", phases=[{"steps": 150, "lr": 0.005}], validate_every=1)
    pairs = load_pairs(pictures, SCALE)
    seen: List[Progress] = []
    Trainer(made, pairs, pairs[:1], tmp_path, seen.append).run({})
    assert seen[-1].psnr > seen[0].psnr + 0.2
