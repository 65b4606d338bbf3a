"""How a plain network is trained: L1 on whole patches, most steps in mixed precision."""

from __future__ import annotations

from typing import List, Sequence

import torch
from torch.nn import functional as F

from pcsr_edge.models import Plain
from pcsr_edge.train.data import ImagePair
from pcsr_edge.train.lesson import Lesson, StepLoss
from pcsr_edge.train.recipe import Recipe
from pcsr_edge.train.validation import mean_psnr


class PlainLesson(Lesson):
    """L1 between prediction and truth; every phase trains all of the network.

    The convolutions of the first `bf16_share` of a phase run in bfloat16, several times faster
    on CPUs with AMX; weights, optimiser and loss stay in float32, and the rest of the phase,
    where the learning rate is low, is float32 altogether.

    Args:
        recipe: of method `plain`.
        model: the network, on its device.
    """

    def __init__(self, recipe: Recipe, model: Plain) -> None:
        self._recipe, self._model = recipe, model

    def begin(self, stage: int) -> List[torch.nn.Parameter]:
        """Let everything learn."""
        self._model.train().requires_grad_(True)
        return list(self._model.parameters())

    def loss(self, lr: torch.Tensor, hr: torch.Tensor, stage: int, step: int) -> StepLoss:
        """Compute the mean absolute error, before the pixel shuffle: it does not change it."""
        model, recipe = self._model, self._recipe
        target = F.pixel_unshuffle(hr, recipe.scale) - model.base(lr)
        half = step < recipe.bf16_share * recipe.phases[stage].steps
        with torch.autocast(lr.device.type, torch.bfloat16, enabled=half):
            residual = model.residual(lr.contiguous(memory_format=torch.channels_last))
        recon = F.l1_loss(residual.float(), target)
        return StepLoss(recon, recon, recon.new_zeros(()))

    def psnr(self, pairs: Sequence[ImagePair], stage: int) -> float:
        """Measure the whole network."""
        return mean_psnr(self._model, pairs, self._recipe.scale, self._model)
