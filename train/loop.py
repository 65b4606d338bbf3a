"""The one training loop: phases, steps, learning rate, validation, resuming."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Callable, Dict, Optional, Sequence

import torch

from pcsr_edge.models import PCSR, Checkpoint, load_checkpoint, save_checkpoint
from pcsr_edge.train.data import ImagePair, PatchSampler
from pcsr_edge.errors import TrainingError
from pcsr_edge.train.objective import Losses, Objective, random_phases
from pcsr_edge.train.recipe import Phase, Recipe
from pcsr_edge.train.state import STATE_FILE, TrainingState, load_state, save_state
from pcsr_edge.train.validation import validation_psnr

Report = Callable[[Dict[str, float]], None]
"""Receives stage, step, steps, recon, average, psnr (nan between validations)."""


def learning_rate(phase: Phase, step: int) -> float:
    """Return the cosine learning rate of a step, from `lr` down to `lr_end`."""
    share = step / phase.steps
    return phase.lr_end + (phase.lr - phase.lr_end) * (1 + math.cos(math.pi * share)) / 2


class Trainer:
    """Runs a recipe on training pairs and leaves `checkpoint.pth` in `folder`."""

    def __init__(
        self,
        recipe: Recipe,
        pairs: Sequence[ImagePair],
        validation: Sequence[ImagePair],
        folder: Path,
        report: Optional[Report] = None,
    ) -> None:
        self.recipe, self.folder = recipe, folder
        self._sampler = PatchSampler(pairs, recipe.patch, recipe.scale, recipe.seed)
        self._validation, self._images = validation, len(pairs)
        self._report = report or (lambda _: None)
        torch.manual_seed(recipe.seed)
        self.model = PCSR(recipe.model)
        self.state = TrainingState()

    def start_from(self, path: Path) -> None:
        """Take the weights of another checkpoint of the same network."""
        other = load_checkpoint(path).model
        if other.config != self.recipe.model:
            raise TrainingError(
                f"{path} holds another network than recipe {self.recipe.name!r} describes"
            )
        self.model.load_state_dict(other.state_dict())

    def resume(self) -> None:
        """Continue from the state in the output folder."""
        self.state = load_state(self.folder, self.recipe)
        self.model.load_state_dict(self.state.weights)

    def run(self, provenance: Dict[str, object]) -> Path:
        """Train to the end and return the checkpoint's path.

        Raises:
            TrainingError: the loss is no longer a number.
        """
        for stage in range(self.state.stage, len(self.recipe.phases)):
            self._run_phase(stage)
            self.state.stage, self.state.step, self.state.optimizer = stage + 1, 0, {}
            self._save()
        path = self.folder / "checkpoint.pth"
        steps = sum(phase.steps for phase in self.recipe.phases)
        facts = {
            "recipe": self.recipe.name,
            "recipe_hash": self.recipe.fingerprint(),
            "steps": steps,
        }
        facts.update({"seed": self.recipe.seed, "images": self._images, **provenance})
        save_checkpoint(path, Checkpoint(self.model.eval(), facts))
        return path

    def _save(self) -> None:
        self.state.weights = self.model.state_dict()
        save_state(self.folder, self.recipe, self.state)

    def _run_phase(self, stage: int) -> None:
        phase = self.recipe.phases[stage]
        objective = Objective(self.model, self.recipe.scale, stage)
        self.model.requires_grad_(False)
        # Batch norm of a frozen backbone must not drift either.
        self.model.train(stage == 0)
        for parameter in objective.trainable():
            parameter.requires_grad_(True)
        optimizer = torch.optim.Adam(objective.trainable(), lr=phase.lr, betas=self.recipe.betas)
        if self.state.optimizer:
            optimizer.load_state_dict(self.state.optimizer)
        while self.state.step < phase.steps:
            begin = time.perf_counter()
            losses = self._step(objective, optimizer, stage)
            self.state.step += 1
            self.state.seconds += time.perf_counter() - begin
            self._after_step(stage, phase, losses, optimizer)

    def _step(self, objective: Objective, optimizer: torch.optim.Adam, stage: int) -> Losses:
        recipe, step = self.recipe, self.state.step
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(recipe.phases[stage], step)
        lr, hr = self._sampler.batch(recipe.batch, step, stage)
        generator = torch.Generator().manual_seed((recipe.seed * 8 + stage) * 10**9 + step)
        wanted = recipe.queries_per_cell or recipe.scale**2
        phases = random_phases(recipe.batch, recipe.scale, wanted, generator)
        losses = objective(lr, hr, phases)
        total = recipe.loss_recon * losses.recon + recipe.loss_average * losses.average
        if not bool(torch.isfinite(total)):
            raise TrainingError(
                f"the loss of phase {stage} became {float(total)} at step {step}; lower its "
                f"learning rate and resume from {self.folder / STATE_FILE}"
            )
        optimizer.zero_grad(set_to_none=True)
        total.backward()
        optimizer.step()
        return Losses(losses.recon.detach(), losses.average.detach())

    def _after_step(
        self, stage: int, phase: Phase, losses: Losses, optimizer: torch.optim.Adam
    ) -> None:
        step, last = self.state.step, self.state.step == phase.steps
        facts = {"stage": stage, "step": step, "steps": phase.steps, "psnr": math.nan}
        facts.update(recon=float(losses.recon), average=float(losses.average))
        if self._validation and (last or step % self.recipe.validate_every == 0):
            facts["psnr"] = validation_psnr(self.model, self._validation, self.recipe.scale, stage)
            self.state.history.append(facts)
        self._report(facts)
        if last or step % self.recipe.save_every == 0:
            self.state.optimizer = optimizer.state_dict()
            self._save()
