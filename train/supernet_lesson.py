"""How a supernet is trained: one subnet a step, the wide ones more often (ARM, WBSR)."""

from __future__ import annotations

from typing import List, Optional, Sequence

import numpy as np
import torch
from torch.nn import functional as F

from pcsr_edge.models import Supernet
from pcsr_edge.train.balanced_loss import BalancedL1
from pcsr_edge.train.data import ImagePair
from pcsr_edge.train.lesson import Lesson, StepLoss
from pcsr_edge.train.recipe import Recipe
from pcsr_edge.train.validation import mean_psnr


class SupernetLesson(Lesson):
    """L1, or the balanced loss of WBSR, of one subnet on whole patches.

    Computation-aware sampling (ARM, Chen et al., ECCV 2022, section 3.2): a step trains subnet j
    with a probability that is proportional to the square of its cost. Every phase trains all of
    the network. The patches are as large as those that it will run on, so it learns what zeros
    around a patch are.

    The convolutions of the first `bf16_share` of a phase run in bfloat16.

    Args:
        recipe: of method `arm` or `wbsr`.
        model: the network, on its device.
    """

    def __init__(self, recipe: Recipe, model: Supernet) -> None:
        self._recipe, self._model = recipe, model
        weights = np.square(model.costs())
        self._chances = weights / weights.sum()
        self._balanced: Optional[BalancedL1] = None
        if recipe.loss_noise > 0:
            self._balanced = BalancedL1(recipe.loss_noise)

    def begin(self, stage: int) -> List[torch.nn.Parameter]:
        """Let everything learn."""
        self._model.train().requires_grad_(True)
        return list(self._model.parameters())

    def loss(self, lr: torch.Tensor, hr: torch.Tensor, stage: int, step: int) -> StepLoss:
        """Compute the loss of a random subnet; `recon` is its mean absolute error."""
        model, recipe = self._model, self._recipe
        rng = np.random.default_rng([recipe.seed, stage, step, 1])
        index = int(rng.choice(len(self._chances), p=self._chances))
        half = step < recipe.bf16_share * recipe.phases[stage].steps
        with torch.autocast(lr.device.type, torch.bfloat16, enabled=half):
            phases = model.phases(lr.contiguous(memory_format=torch.channels_last), index)
        wanted = F.pixel_unshuffle(hr, recipe.scale)
        base = model.base(lr)
        recon = F.l1_loss(phases.float(), wanted - base)
        total = recon
        if self._balanced is not None:
            # The details of truth and prediction, whatever the network adds its output to.
            smooth = model.bilinear(lr)
            total = self._balanced(phases.float() + (base - smooth), wanted - smooth)
        return StepLoss(total, recon, recon.new_zeros(()))

    def psnr(self, pairs: Sequence[ImagePair], stage: int) -> float:
        """Measure the widest subnet on whole pictures."""
        return mean_psnr(self._model, pairs, self._recipe.scale, self._model)
