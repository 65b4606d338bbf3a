"""The training loop: exact resuming, freezing, seeds, what it reports and leaves behind."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

import pytest
import torch

from pcsr_edge.errors import DataError, OutputError, TrainingError
from pcsr_edge.models import PCSR, Checkpoint, load_checkpoint, save_checkpoint
from pcsr_edge.train import Phase, Progress, Recipe, Trainer, load_pairs, loop, recipe_from_dict
from pcsr_edge.train.loop import CHECKPOINT_FILE, learning_rate
from pcsr_edge.train.state import STATE_FILE, load_state

RecipeData = Callable[..., Dict[str, Any]]
STEPS = [3, 2, 2]


class Run:
    """Training runs of one recipe on the small pictures."""

    def __init__(self, recipe: Recipe, pictures: Path) -> None:
        self.recipe = recipe
        self.pairs = load_pairs(pictures, recipe.scale)

    def trainer(self, folder: Path, report: Optional[Callable[[Progress], None]] = None) -> Trainer:
        """Return a trainer that validates on the first picture."""
        return Trainer(self.recipe, self.pairs, self.pairs[:1], folder, report)

    def whole(self, folder: Path) -> PCSR:
        """Train without a break."""
        return load_checkpoint(self.trainer(folder).run({})).model

    def broken_off(self, folder: Path, after: int, error: Optional[Exception] = None) -> None:
        """Train `after` steps more, then stop, or crash with `error`."""
        done: List[Progress] = []

        def report(progress: Progress) -> None:
            done.append(progress)
            if len(done) == after:
                if error is not None:
                    raise error
                trainer.stop()

        trainer = self.trainer(folder, report)
        if (folder / STATE_FILE).exists():
            trainer.resume()
        with pytest.raises(KeyboardInterrupt if error is None else type(error)):
            trainer.run({})

    def resumed(self, folder: Path) -> PCSR:
        """Go on to the end."""
        trainer = self.trainer(folder)
        trainer.resume()
        return load_checkpoint(trainer.run({})).model


def equal(one: PCSR, other: PCSR) -> bool:
    """Tell whether two networks have the same weights and buffers, bit by bit."""
    a, b = one.state_dict(), other.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.fixture(scope="module", params=["fsrcnn", "carn"])
def run(request: pytest.FixtureRequest, recipe_data: RecipeData, pictures: Path) -> Run:
    """Return runs of three phases, which save every second step."""
    return Run(recipe_from_dict(recipe_data(request.param, STEPS, save_every=2), ""), pictures)


@pytest.fixture(scope="module")
def uninterrupted(run: Run, tmp_path_factory: pytest.TempPathFactory) -> PCSR:
    """Return what an uninterrupted run makes."""
    return run.whole(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def small(recipe_data: RecipeData, pictures: Path) -> Run:
    """Return runs of two phases."""
    return Run(recipe_from_dict(recipe_data(steps=[3, 2]), ""), pictures)


@pytest.mark.parametrize("after", range(1, sum(STEPS) + 1))
def test_a_run_stopped_after_any_step_ends_bit_equal(
    run: Run, uninterrupted: PCSR, tmp_path: Path, after: int
) -> None:
    run.broken_off(tmp_path, after)
    assert equal(run.resumed(tmp_path), uninterrupted)


@pytest.mark.parametrize("after", range(1, sum(STEPS) + 1))
def test_a_run_that_crashed_at_any_step_ends_bit_equal(
    run: Run, uninterrupted: PCSR, tmp_path: Path, after: int
) -> None:
    run.broken_off(tmp_path, after, ConnectionError())
    assert equal(run.resumed(tmp_path), uninterrupted)


def test_a_run_stopped_after_every_step_ends_bit_equal(
    run: Run, uninterrupted: PCSR, tmp_path: Path
) -> None:
    for _ in range(sum(STEPS)):
        run.broken_off(tmp_path, 1)
    assert equal(run.resumed(tmp_path), uninterrupted)


def test_stopping_saves_the_step_it_stopped_after(small: Run, tmp_path: Path) -> None:
    small.broken_off(tmp_path, 2)
    state = load_state(tmp_path, small.recipe)
    assert (state.stage, state.step) == (0, 2)


def test_a_finished_run_can_be_resumed_for_its_checkpoint(small: Run, tmp_path: Path) -> None:
    expected = small.whole(tmp_path)
    (tmp_path / CHECKPOINT_FILE).unlink()
    assert equal(small.resumed(tmp_path), expected)


def test_the_same_seed_gives_the_same_weights(small: Run, tmp_path: Path) -> None:
    torch.manual_seed(99)
    first = small.whole(tmp_path / "first")
    torch.manual_seed(7)
    assert equal(first, small.whole(tmp_path / "second"))


def test_another_seed_gives_other_weights(
    small: Run, recipe_data: RecipeData, pictures: Path, tmp_path: Path
) -> None:
    other = Run(recipe_from_dict(recipe_data(steps=[3, 2], seed=1), ""), pictures)
    assert not equal(small.whole(tmp_path / "a"), other.whole(tmp_path / "b"))


def test_the_callers_random_numbers_are_left_alone(small: Run, tmp_path: Path) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    small.trainer(tmp_path).run({})
    assert torch.equal(torch.rand(3), expected)


def test_later_phases_leave_earlier_parts_alone(
    recipe_data: RecipeData, pictures: Path, tmp_path: Path
) -> None:
    run = Run(recipe_from_dict(recipe_data("carn", [3, 2]), ""), pictures)
    run.broken_off(tmp_path, 3)
    after_phase_0 = load_state(tmp_path, run.recipe).weights
    final = run.resumed(tmp_path).state_dict()
    changed = {name for name in final if not torch.equal(final[name], after_phase_0[name])}
    learning = {name for name in final if name.startswith(("upsamplers.1", "classifier"))}
    assert changed == learning


def test_training_lowers_the_loss(recipe_data: RecipeData, pictures: Path, tmp_path: Path) -> None:
    seen: List[Progress] = []
    run = Run(recipe_from_dict(recipe_data(steps=[60]), ""), pictures)
    run.trainer(tmp_path, seen.append).run({})
    losses = [progress.recon for progress in seen]
    assert sum(losses[-10:]) < 0.8 * sum(losses[:10])


def test_every_step_is_reported_and_validation_follows_the_recipe(
    recipe_data: RecipeData, pictures: Path, tmp_path: Path
) -> None:
    seen: List[Progress] = []
    run = Run(recipe_from_dict(recipe_data(steps=[5, 3], validate_every=2), ""), pictures)
    trainer = run.trainer(tmp_path, seen.append)
    trainer.run({})
    steps = [(p.stage, p.step, p.steps) for p in seen]
    assert steps == [(0, n, 5) for n in range(1, 6)] + [(1, n, 3) for n in range(1, 4)]
    validated = [(p.stage, p.step) for p in seen if not math.isnan(p.psnr)]
    assert validated == [(0, 2), (0, 4), (0, 5), (1, 2), (1, 3)]
    assert [(e["stage"], e["step"]) for e in trainer.state.history] == validated


def test_without_validation_images_there_is_no_psnr(small: Run, tmp_path: Path) -> None:
    seen: List[Progress] = []
    Trainer(small.recipe, small.pairs, [], tmp_path, seen.append).run({})
    assert all(math.isnan(progress.psnr) for progress in seen)
    assert load_state(tmp_path, small.recipe).history == []


def test_the_checkpoint_says_how_it_was_made(
    small: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "code_commit", lambda: "0123abc")
    path = small.trainer(tmp_path).run({"data": "three drawings"})
    assert load_checkpoint(path).provenance == {
        "recipe": "tiny",
        "recipe_hash": small.recipe.fingerprint(),
        "scale": 2,
        "steps": 5,
        "seed": 0,
        "images": 3,
        "commit": "0123abc",
        "data": "three drawings",
    }


def test_a_commit_that_is_not_known_is_left_out(
    small: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "code_commit", lambda: None)
    path = small.trainer(tmp_path).run({})
    assert "commit" not in load_checkpoint(path).provenance


def test_learning_rate_falls_along_a_cosine() -> None:
    phase = Phase(steps=100, lr=1.0, lr_end=0.2)
    rates = [learning_rate(phase, step) for step in (0, 25, 50, 100)]
    assert rates == pytest.approx([1.0, 0.6 + 0.4 * math.sqrt(0.5), 0.6, 0.2])


def test_a_loss_that_is_no_number_ends_the_run(
    recipe_data: RecipeData, pictures: Path, tmp_path: Path
) -> None:
    recipe = recipe_from_dict(recipe_data(phases=[{"steps": 50, "lr": 1e30}] * 2), "")
    with pytest.raises(TrainingError, match=r"the loss of phase 0 became .* lower the learning"):
        Run(recipe, pictures).whole(tmp_path)


def test_a_state_of_another_network_is_refused(small: Run, tmp_path: Path) -> None:
    small.broken_off(tmp_path, 1)
    trainer = small.trainer(tmp_path)
    trainer.model = PCSR(trainer.recipe.model.from_dict({"backbone": "fsrcnn"}))
    with pytest.raises(TrainingError, match="do not fit"):
        trainer.resume()


def test_images_smaller_than_a_patch_are_no_data(
    recipe_data: RecipeData, pictures: Path, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="at least 80 pixels"):
        Run(recipe_from_dict(recipe_data(patch=40), ""), pictures).trainer(tmp_path)


def test_a_folder_that_cannot_be_written_to_fails_before_the_first_step(
    small: Run, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    seen: List[Progress] = []
    with pytest.raises(OutputError, match="cannot be written"):
        small.trainer(tmp_path / "file", seen.append).run({})
    assert seen == []


@pytest.fixture
def successor(recipe_data: RecipeData, pictures: Path) -> Run:
    """Return runs of a recipe that starts from the model `tiny`, at another scale."""
    data = recipe_data(steps=[1, 1], name="next", start_from="tiny", scale=3)
    return Run(recipe_from_dict(data, ""), pictures)


def test_a_run_starts_from_the_named_model(small: Run, successor: Run, tmp_path: Path) -> None:
    start = small.whole(tmp_path / "tiny")
    trainer = successor.trainer(tmp_path / "next")
    trainer.start_from(tmp_path / "tiny" / CHECKPOINT_FILE)
    assert equal(trainer.model, start)
    assert load_checkpoint(trainer.run({})).provenance["start_from"] == "tiny"


def test_a_run_does_not_start_without_the_named_model(successor: Run, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="begins with the weights of 'tiny'"):
        successor.trainer(tmp_path).run({})


def test_a_run_that_started_from_a_model_can_be_resumed(
    small: Run, successor: Run, tmp_path: Path
) -> None:
    small.whole(tmp_path / "tiny")
    trainer = successor.trainer(tmp_path / "next")
    trainer.start_from(tmp_path / "tiny" / CHECKPOINT_FILE)
    trainer.stop()
    with pytest.raises(KeyboardInterrupt):
        trainer.run({})
    assert successor.resumed(tmp_path / "next").classes == 2


@pytest.mark.parametrize(
    ("recipe", "backbone"),
    [("other", "fsrcnn"), ("tiny", "srresnet")],
    ids=["another-recipe", "another-network"],
)
def test_another_model_is_refused(
    successor: Run, recipe_data: RecipeData, tmp_path: Path, recipe: str, backbone: str
) -> None:
    model = PCSR(recipe_from_dict(recipe_data(backbone), "").model)
    save_checkpoint(tmp_path / "c.pth", Checkpoint(model, {"recipe": recipe}))
    with pytest.raises(TrainingError, match=f"made by recipe '{recipe}'.*begins with 'tiny'"):
        successor.trainer(tmp_path).start_from(tmp_path / "c.pth")


def test_a_recipe_that_names_no_model_takes_none(small: Run, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="begins with random weights"):
        small.trainer(tmp_path).start_from(tmp_path / "c.pth")
