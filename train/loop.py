"""The one training loop: phases, steps, learning rate, validation, stopping and resuming."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any, Callable, Dict, Mapping, NamedTuple, Optional, Sequence

import torch

from pcsr_edge.errors import CheckpointError, TrainingError
from pcsr_edge.models import (
    Cascade,
    Checkpoint,
    Network,
    Plain,
    build_network,
    load_checkpoint,
    save_checkpoint,
)
from pcsr_edge.models.checkpoint import load_weights
from pcsr_edge.models.grafting import graft
from pcsr_edge.train.commit import code_commit
from pcsr_edge.train.data import ImagePair
from pcsr_edge.train.lesson import StepLoss
from pcsr_edge.train.lessons import lesson_for
from pcsr_edge.train.optimizers import OPTIMIZERS
from pcsr_edge.train.recipe import Phase, Recipe
from pcsr_edge.train.samplers import sampler_for
from pcsr_edge.train.state import STATE_FILE, TrainingState, load_state, save_state

CHECKPOINT_FILE = "checkpoint.pth"


class Progress(NamedTuple):
    """What is known after a step."""

    stage: int
    """Number of the phase."""
    step: int
    """Steps done in this phase."""
    steps: int
    """Steps of this phase in all."""
    recon: float
    """Reconstruction loss of the step."""
    average: float
    """Average loss of the step; 0 for methods without classes."""
    psnr: float
    """Validation PSNR in dB; nan between validations, and without validation images."""


Report = Callable[[Progress], None]


def learning_rate(phase: Phase, step: int) -> float:
    """Return the cosine learning rate of a step, from `lr` down to `lr_end`."""
    share = step / phase.steps
    return phase.lr_end + (phase.lr - phase.lr_end) * (1 + math.cos(math.pi * share)) / 2


class Trainer:
    """Runs a recipe on training pairs and leaves `checkpoint.pth` in a folder.

    With the same recipe, images, thread count and machine every run gives the same weights bit
    by bit, however often it is stopped and resumed. That holds on a CPU; CUDA sums in an order
    of its own.

    Args:
        recipe: what to train.
        pairs: training images.
        validation: images for the PSNR, at least 3 LR pixels along each side; may be empty.
        folder: where state and checkpoint are written; made when needed.
        report: called after every step.
        device: of the model, `cpu` or `cuda`; our tests have never run it on `cuda`.

    Raises:
        DataError: no training image is as large as a patch.
        CheckpointError: the recipe's backbone does not take its arguments.
    """

    def __init__(
        self,
        recipe: Recipe,
        pairs: Sequence[ImagePair],
        validation: Sequence[ImagePair],
        folder: Path,
        report: Optional[Report] = None,
        device: str = "cpu",
    ) -> None:
        self.recipe, self.folder = recipe, folder
        self._sampler = sampler_for(recipe, pairs)
        self._validation, self._images = validation, len(pairs)
        self._report = report or (lambda _: None)
        self._device = torch.device(device)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            self.model = build_network(recipe.model).to(self._device)
        self._lesson = lesson_for(recipe, self.model)
        self.state = TrainingState()
        self._has_start = recipe.start_from is None
        self._stop_requested = False

    def start_from(self, path: Path) -> None:
        """Begin with the weights of the model that the recipe names in its `start_from`.

        Raises:
            CheckpointError: the file is no checkpoint.
            TrainingError: the recipe names none, or the checkpoint holds another model.
        """
        name = self.recipe.start_from
        if name is None:
            raise TrainingError(
                f"recipe {self.recipe.name!r} begins with random weights; name a model in its "
                f'field "start_from" to begin with {path}'
            )
        checkpoint = load_checkpoint(path)
        # Published checkpoints do not say by which recipe they were made.
        made_by = checkpoint.provenance.get("recipe", name)
        if isinstance(self.model, Cascade) and made_by == name:
            self._graft(checkpoint.model, path)
            return
        if made_by != name or checkpoint.model.config != self.recipe.model:
            raise TrainingError(
                f"{path} was made by recipe {made_by!r} and holds {checkpoint.model.config}; "
                f"recipe {self.recipe.name!r} begins with {name!r} and {self.recipe.model}"
            )
        self.model.load_state_dict(checkpoint.model.state_dict())
        self._has_start = True

    def _graft(self, source: Network, path: Path) -> None:
        assert isinstance(self.model, Cascade)
        if not isinstance(source, (Plain, Cascade)):
            raise TrainingError(
                f"{path} holds a {type(source).__name__}; a cascade begins as a network of method "
                "plain or cascade"
            )
        try:
            graft(source, self.model)
        except CheckpointError as exc:
            raise TrainingError(f"{path}: {exc}") from exc
        self._has_start = True

    def resume(self) -> None:
        """Continue from the state in the output folder.

        Raises:
            TrainingError: there is none, it is damaged, or it belongs to another recipe.
        """
        self.state = load_state(self.folder, self.recipe)
        try:
            load_weights(self.model, self.state.weights, str(self.folder / STATE_FILE))
        except CheckpointError as exc:
            raise TrainingError(str(exc)) from exc
        self._has_start = True

    def stop(self) -> None:
        """Ask `run` to end after the step under way; signal handlers and threads may call it."""
        self._stop_requested = True

    def run(self, provenance: Mapping[str, Any]) -> Path:
        """Train to the end and return the checkpoint's path.

        Args:
            provenance: plain JSON data for the checkpoint, beside what the trainer knows.

        Raises:
            TrainingError: the loss is no longer a number, or weights to start from are missing.
            OutputError: the folder cannot be written to.
            KeyboardInterrupt: `stop` was called; the state is saved.
        """
        if not self._has_start:
            raise TrainingError(
                f"recipe {self.recipe.name!r} begins with the weights of "
                f"{self.recipe.start_from!r}; call start_from with its checkpoint first"
            )
        # A folder that cannot be written to should fail now, not hundreds of steps later.
        self._save()
        # Asked at the start: the files may change while the code that was read goes on.
        commit = code_commit()
        for stage in range(self.state.stage, len(self.recipe.phases)):
            self._run_phase(stage)
            self._lesson.end(stage)
            self.state.stage, self.state.step, self.state.optimizer = stage + 1, 0, {}
            self._save()
        path = self.folder / CHECKPOINT_FILE
        facts = self._provenance(commit, provenance)
        save_checkpoint(path, Checkpoint(self.model.eval(), facts))
        return path

    def _provenance(self, commit: Optional[str], given: Mapping[str, Any]) -> Dict[str, Any]:
        recipe = self.recipe
        facts: Dict[str, Any] = {"recipe": recipe.name, "recipe_hash": recipe.fingerprint()}
        facts.update(scale=recipe.scale, steps=recipe.steps(), seed=recipe.seed)
        facts["images"] = self._images
        if recipe.start_from is not None:
            facts["start_from"] = recipe.start_from
        if commit is not None:
            facts["commit"] = commit
        return {**facts, **given}

    def _save(self) -> None:
        self.state.weights = self.model.state_dict()
        save_state(self.folder, self.recipe, self.state)

    def _run_phase(self, stage: int) -> None:
        phase = self.recipe.phases[stage]
        learning = self._lesson.begin(stage)
        name = phase.optimizer or self.recipe.optimizer
        optimizer = OPTIMIZERS[name](learning, phase.lr, self.recipe.betas)
        if self.state.optimizer:
            optimizer.load_state_dict(self.state.optimizer)
        while self.state.step < phase.steps:
            begin = time.perf_counter()
            loss = self._step(optimizer, stage)
            self.state.step += 1
            self.state.seconds += time.perf_counter() - begin
            self._after_step(stage, loss, optimizer)

    def _step(self, optimizer: torch.optim.Optimizer, stage: int) -> StepLoss:
        phase, step = self.recipe.phases[stage], self.state.step
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(phase, step)
        patches = self._sampler.batch(phase.batch or self.recipe.batch, step, stage)
        lr, hr = (side.to(self._device) for side in patches)
        self._lesson.inform(optimizer, lr, hr, step)
        loss = self._lesson.loss(lr, hr, stage, step)
        if not bool(torch.isfinite(loss.total)):
            raise TrainingError(
                f"the loss of phase {stage} became {float(loss.total.detach())} at step {step}; "
                "lower the learning rate in the recipe and train it into an empty folder"
            )
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss.total)
        optimizer.step()
        return StepLoss(*(value.detach() for value in loss))

    def _after_step(self, stage: int, loss: StepLoss, optimizer: torch.optim.Optimizer) -> None:
        step, steps = self.state.step, self.recipe.phases[stage].steps
        psnr = math.nan
        if self._validation and (step == steps or step % self.recipe.validate_every == 0):
            psnr = self._lesson.psnr(self._validation, stage)
        progress = Progress(stage, step, steps, float(loss.recon), float(loss.average), psnr)
        if not math.isnan(psnr):
            self.state.history.append(progress._asdict())
        self._report(progress)
        if self._stop_requested or step == steps or step % self.recipe.save_every == 0:
            self.state.optimizer = optimizer.state_dict()
            self._save()
        if self._stop_requested:
            raise KeyboardInterrupt
