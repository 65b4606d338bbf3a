"""Training a network of the edge-SR pool: loss, data, exact resuming, and that it learns."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Tuple

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from pcsr_edge.errors import RecipeError
from pcsr_edge.models import EdgeSR, ModelId, load_checkpoint
from pcsr_edge.runtime.quality import luma, plane_psnr
from pcsr_edge.train import (
    Progress,
    Trainer,
    load_pairs,
    load_recipe,
    recipe_from_dict,
    recipe_names,
)
from pcsr_edge.train.edge_lesson import EdgeLesson
from pcsr_edge.train.lessons import lesson_for
from pcsr_edge.train.recipe import Recipe

SCALE = 2


def recipe(**fields: Any) -> Recipe:
    """Build a small recipe."""
    data: Dict[str, Any] = {
        "name": "tiny",
        "method": "edge-sr",
        "scale": SCALE,
        "model": {"id": "eSR-TM_s2_K3_C2"},
        "phases": [{"steps": 6, "lr": 0.01}],
        "batch": 2,
        "patch": 10,
        "save_every": 2,
    }
    return recipe_from_dict({**data, **fields}, "test")


def lesson(**fields: Any) -> Tuple[EdgeSR, EdgeLesson]:
    """Build a network and its lesson."""
    from pcsr_edge.models import build_network

    made = recipe(**fields)
    model = build_network(made.model)
    assert isinstance(model, EdgeSR)
    found = lesson_for(made, model)
    assert isinstance(found, EdgeLesson)
    return model, found


def batch() -> Tuple[torch.Tensor, torch.Tensor]:
    """Draw two patches."""
    torch.manual_seed(1)
    return torch.rand(2, 1, 10, 10), torch.rand(2, 1, 20, 20)


def test_the_loss_is_the_squared_error_of_what_the_patch_decides() -> None:
    model, found = lesson()
    lr, hr = batch()
    error = F.mse_loss(model(lr)[..., 2:-2, 2:-2], hr[..., 2:-2, 2:-2])
    torch.testing.assert_close(found.loss(lr, hr, 0, 0).total, error)


def test_the_logarithm_is_taken_of_each_patch() -> None:
    model, found = lesson(loss_floor=1e-3)
    lr, hr = batch()
    errors = (model(lr)[..., 2:-2, 2:-2] - hr[..., 2:-2, 2:-2]).square()
    loss = found.loss(lr, hr, 0, 0)
    torch.testing.assert_close(loss.total, (errors.mean(dim=(1, 2, 3)) + 1e-3).log().mean())
    torch.testing.assert_close(loss.recon, errors.mean())


TWO_PHASES = [{"steps": 3, "lr": 0.01}, {"steps": 3, "lr": 0.01}]


def test_one_value_learns_in_a_single_phase() -> None:
    model, found = lesson(phases=TWO_PHASES, single_phases=1)
    (weight,) = found.begin(0)
    found.loss(*batch(), 0, 0).total.backward()
    assert weight.grad is not None
    grads = weight.grad.view_as(model.filters())
    assert grads[0, 0].abs().min() > 0
    assert not grads[1].any()
    assert not grads[0, 1:].any()


def test_the_phase_after_a_single_one_begins_with_its_result() -> None:
    model, found = lesson(phases=TWO_PHASES, single_phases=1)
    found.begin(0)
    learned = model(batch()[0])
    found.end(0)
    found.begin(1)
    torch.testing.assert_close(model(batch()[0]), learned)
    assert not model.single


def test_values_part_after_a_single_phase() -> None:
    model, found = lesson(phases=TWO_PHASES, single_phases=1)
    found.end(0)
    (weight,) = found.begin(1)
    found.loss(*batch(), 1, 0).total.backward()
    assert weight.grad is not None
    values = weight.grad.view_as(model.filters())[0]
    assert not torch.allclose(values[0], values[1])


@pytest.mark.parametrize("count", [0, 1])
def test_other_phases_end_as_they_are(count: int) -> None:
    model, found = lesson(phases=TWO_PHASES, single_phases=count)
    before = model.filters().clone()
    found.end(1)
    assert torch.equal(model.filters(), before)


@pytest.mark.parametrize("half", [False, True])
def test_trained_weights_are_rounded_to_half_precision(half: bool) -> None:
    model, found = lesson(phases=TWO_PHASES, half_weights=half)
    found.end(0)
    trained = model.last.weight.clone()
    found.end(1)
    expected = trained.half().float() if half else trained
    assert torch.equal(model.last.weight, expected)
    assert torch.equal(trained, trained.half().float()) is False


def test_every_weight_learns() -> None:
    model, found = lesson()
    learning = found.begin(0)
    found.loss(*batch(), 0, 0).total.backward()
    assert len(learning) == len(list(model.parameters()))
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in learning)


def test_pairs_hold_luma_degraded_as_luma(pictures: Path) -> None:
    colour = load_pairs(pictures, SCALE)
    for rgb, y in zip(colour, load_pairs(pictures, SCALE, channel="y")):
        assert (y.hr.shape[2], y.lr.shape[2]) == (1, 1)
        assert np.abs(y.hr[..., 0] - luma(rgb.hr)).max() <= 0.5
        assert np.abs(y.lr[..., 0] - luma(rgb.lr)).max() <= 2


def test_psnr_is_that_of_the_rounded_luma(pictures: Path) -> None:
    model, found = lesson()
    pairs = load_pairs(pictures, SCALE, channel="y")[:1]
    lr = torch.from_numpy(pairs[0].lr[..., 0]).float()[None, None] / 255
    sr = model.upscale(lr).detach()[0, 0].mul(255).round().clamp(0, 255).numpy()
    expected = plane_psnr(sr, pairs[0].hr[..., 0], SCALE)
    assert found.psnr(pairs, 0) == pytest.approx(expected)


def _train(folder: Path, pictures: Path, **fields: Any) -> Tuple[Trainer, List[Progress]]:
    seen: List[Progress] = []
    pairs = load_pairs(pictures, SCALE, channel="y")
    trainer = Trainer(recipe(**fields), pairs, pairs, folder, seen.append)
    return trainer, seen


GAUSS_NEWTON: Dict[str, Any] = {
    "model": {"id": "eSR-CNN_s2_C2_D2_S3"},
    "phases": [
        {"steps": 4, "lr": 0.5, "optimizer": "gauss-newton", "batch": 4},
        {"steps": 3, "lr": 0.01},
    ],
    "single_phases": 1,
    "loss_floor": 1e-3,
}


def test_curvature_is_that_of_the_loss() -> None:
    model, found = lesson(**GAUSS_NEWTON)
    learning = found.begin(0)
    lr, hr = torch.rand(1, 1, 9, 9), torch.rand(1, 1, 18, 18)
    error = (model(lr) - hr)[0, 0, 8:10, 8:10].flatten()
    rows = []
    for value in error:
        grads = torch.autograd.grad(value, learning, retain_graph=True)
        rows.append(torch.cat([grad.reshape(-1) for grad in grads]))
    expected = torch.stack(rows).T @ torch.stack(rows) * 2 / 4 / (error.square().mean() + 1e-3)
    got, _ = found.curvature(lr, hr, 0)
    count = len(got)
    torch.testing.assert_close(got, expected[:count, :count].detach(), rtol=1e-4, atol=1e-4)
    assert not expected[count:].any()


def test_the_last_layer_begins_alone() -> None:
    model, found = lesson(**GAUSS_NEWTON)
    hidden = sum(weight.numel() for weight in found.begin(0)) - model.last.weight.numel()
    patches = torch.rand(1, 1, 9, 9), torch.rand(1, 1, 18, 18)
    resting = [found.curvature(*patches, step)[1] for step in (0, 9, 10)]
    assert resting == [hidden, hidden, 0]


def test_the_last_layer_learns_within_few_steps(tmp_path: Path, pictures: Path) -> None:
    phases = [{**GAUSS_NEWTON["phases"][0], "steps": 10, "batch": 16}, GAUSS_NEWTON["phases"][1]]
    fields = {**GAUSS_NEWTON, "phases": phases, "patch": 12, "validate_every": 1}
    trainer, seen = _train(tmp_path, pictures, **fields)
    trainer.run({})
    assert seen[9].psnr > seen[0].psnr + 10


@pytest.mark.parametrize(
    "fields",
    [{}, {"phases": TWO_PHASES, "single_phases": 1}, {**GAUSS_NEWTON, "patch": 12}],
    ids=["plain", "single", "gauss-newton"],
)
def test_a_resumed_run_gives_the_same_weights(
    tmp_path: Path, pictures: Path, fields: Dict[str, Any]
) -> None:
    whole, _ = _train(tmp_path / "whole", pictures, **fields)
    reference = load_checkpoint(whole.run({})).model.state_dict()
    first, _ = _train(tmp_path / "cut", pictures, **fields)
    first._report = lambda progress: first.stop() if progress.step == 3 else None
    with pytest.raises(KeyboardInterrupt):
        first.run({})
    second, _ = _train(tmp_path / "cut", pictures, **fields)
    second.resume()
    resumed = load_checkpoint(second.run({})).model.state_dict()
    assert all(torch.equal(reference[name], resumed[name]) for name in reference)


def test_training_makes_it_better(tmp_path: Path, pictures: Path) -> None:
    trainer, seen = _train(tmp_path, pictures, phases=[{"steps": 60, "lr": 0.01}], validate_every=1)
    trainer.run({})
    assert seen[-1].psnr > seen[0].psnr + 0.2


def test_a_scale_that_is_not_the_ids_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"scale is 3 and model\.scale 2"):
        recipe(scale=3)


def test_single_phases_need_keys() -> None:
    with pytest.raises(RecipeError, match="single_phases is 1, but eSR-MAX has no keys"):
        recipe(model={"id": "eSR-MAX_s2_K3_C2"}, phases=TWO_PHASES, single_phases=1)


def test_keys_need_a_phase_of_their_own() -> None:
    with pytest.raises(RecipeError, match="single_phases is 2 of 2 phases, expected fewer"):
        recipe(phases=TWO_PHASES, single_phases=2)


@pytest.mark.parametrize(
    ("fields", "stage"),
    [
        pytest.param({"model": {"id": "eSR-TM_s2_K3_C2"}}, 0, id="no-hidden-layers"),
        pytest.param({"phases": GAUSS_NEWTON["phases"][::-1]}, 1, id="with-keys"),
    ],
)
def test_gauss_newton_is_for_single_phases_of_a_cnn(fields: Dict[str, Any], stage: int) -> None:
    with pytest.raises(RecipeError, match=f"phase {stage}: optimizer is 'gauss-newton', expected"):
        recipe(**{**GAUSS_NEWTON, **fields})


def test_an_id_that_does_not_parse_is_refused() -> None:
    with pytest.raises(RecipeError, match="does not parse"):
        recipe(model={"id": "eSR-TM_s2"})


@pytest.mark.parametrize("name", [name for name in recipe_names() if name.startswith("esr-")])
def test_a_shipped_recipe_is_named_after_what_it_trains(name: str) -> None:
    shipped = load_recipe(name)
    assert isinstance(shipped.model, ModelId)
    family = shipped.model.family.split("-")[1].lower()
    assert name == f"esr-{family}-x{shipped.scale}"
