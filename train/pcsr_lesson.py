"""How PCSR is trained: the objective of each phase on random queries."""

from __future__ import annotations

from typing import Dict, List, Sequence

import torch

from pcsr_edge.models import PCSR
from pcsr_edge.train.data import ImagePair
from pcsr_edge.train.lesson import Lesson, StepLoss
from pcsr_edge.train.objective import Objective, random_phases
from pcsr_edge.train.recipe import Recipe
from pcsr_edge.train.validation import validation_psnr


class PCSRLesson(Lesson):
    """The multi-stage training of PCSR; see `Objective`.

    Args:
        recipe: of method `pcsr`.
        model: the network, on its device.
    """

    def __init__(self, recipe: Recipe, model: PCSR) -> None:
        self._recipe, self._model = recipe, model
        self._objectives: Dict[int, Objective] = {}

    def begin(self, stage: int) -> List[torch.nn.Parameter]:
        """Freeze what phase `stage` does not train."""
        objective = self._objective(stage)
        objective.freeze_the_rest()
        return objective.trainable()

    def loss(self, lr: torch.Tensor, hr: torch.Tensor, stage: int, step: int) -> StepLoss:
        """Compute the weighted losses on a random choice of queries."""
        recipe = self._recipe
        generator = torch.Generator().manual_seed((recipe.seed * 8 + stage) * 10**9 + step)
        wanted = recipe.queries_per_cell or recipe.scale**2
        phases = random_phases(len(lr), recipe.scale, wanted, generator).to(lr.device)
        losses = self._objective(stage)(lr, hr, phases)
        total = recipe.loss_recon * losses.recon + recipe.loss_average * losses.average
        return StepLoss(total, losses.recon, losses.average)

    def psnr(self, pairs: Sequence[ImagePair], stage: int) -> float:
        """Measure with the classes 0…stage."""
        return validation_psnr(self._model, pairs, self._recipe.scale, stage)

    def _objective(self, stage: int) -> Objective:
        if stage not in self._objectives:
            self._objectives[stage] = Objective(self._model, self._recipe.scale, stage)
        return self._objectives[stage]
