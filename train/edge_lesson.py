"""How the networks of the edge-SR pool are trained: squared error of the luma."""

from __future__ import annotations

from typing import List, Sequence

import numpy as np
import torch
from torch.nn import functional as F

from pcsr_edge.models import EdgeSR, OneChannel
from pcsr_edge.runtime.quality import plane_psnr
from pcsr_edge.train.data import ImagePair, to_tensor
from pcsr_edge.train.lesson import Lesson, StepLoss
from pcsr_edge.train.recipe import Recipe


class EdgeLesson(Lesson):
    """Mean squared error between prediction and truth, luma in studio swing, or its logarithm.

    The squared error is what PSNR measures; one layer has too little room for both it and the
    absolute error. PSNR of several pictures is a mean of logarithms. Cells that see beyond the
    patch are left out, since a picture has no zeros around it.

    Args:
        recipe: of method `edge-sr`.
        model: the network, on its device.
    """

    def __init__(self, recipe: Recipe, model: OneChannel) -> None:
        self._recipe, self._model = recipe, model

    def begin(self, stage: int) -> List[torch.nn.Parameter]:
        """Let everything learn; in single phases, keys and most values get no gradient."""
        self._model.train().requires_grad_(True)
        if isinstance(self._model, EdgeSR):
            self._model.single = stage < self._recipe.single_phases
        return list(self._model.parameters())

    def end(self, stage: int) -> None:
        """After the last single phase, let every value begin as the one that learned."""
        if isinstance(self._model, EdgeSR) and stage == self._recipe.single_phases - 1:
            self._model.spread()

    def loss(self, lr: torch.Tensor, hr: torch.Tensor, stage: int, step: int) -> StepLoss:
        """Compute the squared error, before the pixel shuffle: it does not change it."""
        margin = self._model.receptive_radius
        inner = slice(margin, lr.shape[2] - margin)
        target = F.pixel_unshuffle(hr, self._recipe.scale)
        error = self._model.phases(lr)[..., inner, inner] - target[..., inner, inner]
        recon, floor = error.square().mean(), self._recipe.loss_floor
        by_patch = error.square().mean(dim=(1, 2, 3))
        total = (by_patch + floor).log().mean() if floor else recon
        return StepLoss(total, recon, recon.new_zeros(()))

    @torch.no_grad()
    def psnr(self, pairs: Sequence[ImagePair], stage: int) -> float:
        """Measure the whole network, `scale` pixels shaved."""
        device = next(self._model.parameters()).device
        values = []
        for pair in pairs:
            sr = self._model.upscale(to_tensor(pair.lr[None]).to(device))[0, 0]
            plane = sr.mul(255).round().clamp(0, 255).cpu().numpy()
            values.append(plane_psnr(plane, pair.hr[..., 0], self._recipe.scale))
        return float(np.mean(values))
