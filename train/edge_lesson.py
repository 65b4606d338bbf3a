"""How the networks of the edge-SR pool are trained: squared error of the luma."""

from __future__ import annotations

from typing import List, Sequence, Tuple

import numpy as np
import torch
from torch.nn import functional as F

from pcsr_edge.models import EdgeSR, OneChannel
from pcsr_edge.runtime.quality import plane_psnr
from pcsr_edge.train.data import ImagePair, to_tensor
from pcsr_edge.train.gauss_newton import GaussNewton
from pcsr_edge.train.jacobian import jacobian
from pcsr_edge.train.lesson import Lesson, StepLoss
from pcsr_edge.train.recipe import Recipe

RESIDUALS = 8192
"""SR pixels of a batch on which the curvature is measured."""
LAST_LAYER_STEPS = 10
"""First Gauss-Newton steps of a phase, in which the last layer alone learns: beside a poor one,
hidden layers would give up what they can tell apart."""


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

    @torch.no_grad()
    def end(self, stage: int) -> None:
        """Let every value begin as the one that learned alone, and round what is trained."""
        if isinstance(self._model, EdgeSR) and stage == self._recipe.single_phases - 1:
            self._model.spread()
        if self._recipe.half_weights and stage == len(self._recipe.phases) - 1:
            for weight in self._model.parameters():
                weight.copy_(weight.half())

    def loss(self, lr: torch.Tensor, hr: torch.Tensor, stage: int, step: int) -> StepLoss:
        """Compute the squared error, before the pixel shuffle: it does not change it."""
        error = self._error(lr, hr)
        recon, floor = error.square().mean(), self._recipe.loss_floor
        by_patch = error.square().mean(dim=(1, 2, 3))
        total = (by_patch + floor).log().mean() if floor else recon
        return StepLoss(total, recon, recon.new_zeros(()))

    def _error(self, lr: torch.Tensor, hr: torch.Tensor) -> torch.Tensor:
        margin = self._model.receptive_radius
        inner = slice(margin, lr.shape[2] - margin)
        target = F.pixel_unshuffle(hr, self._recipe.scale)
        return self._model.phases(lr)[..., inner, inner] - target[..., inner, inner]

    def inform(
        self, optimizer: torch.optim.Optimizer, lr: torch.Tensor, hr: torch.Tensor, step: int
    ) -> None:
        """Give Gauss-Newton the curvature of a single phase."""
        if isinstance(optimizer, GaussNewton):
            optimizer.observe(*self.curvature(lr, hr, step))

    @torch.no_grad()
    def curvature(self, lr: torch.Tensor, hr: torch.Tensor, step: int) -> Tuple[torch.Tensor, int]:
        """Return the Gauss-Newton matrix of a single phase's loss on some cells of a batch.

        Args:
            lr: as of `loss`.
            hr: as of `loss`.
            step: number of the step in the phase; the cells derive from it.

        Returns:
            (m, m), of all weights in a row up to the first value's, which come last but for
            those that rest; and how many of the first are to rest in this step.
        """
        assert isinstance(self._model, EdgeSR)
        floor, error = self._recipe.loss_floor, self._error(lr, hr)
        scores = 1 / (error.square().mean(dim=(1, 2, 3)) + floor) if floor else lr.new_ones(len(lr))
        size = 2 * self._model.receptive_radius + 1
        windows = lr.unfold(2, size, 1).unfold(3, size, 1).flatten(2, 3)
        count = windows.shape[2]
        sampled = (RESIDUALS // self._recipe.scale**2,)
        generator = torch.Generator().manual_seed(step)
        cells = torch.randint(len(lr) * count, sampled, generator=generator).to(lr.device)
        patch = cells // count
        chosen = windows[patch, 0, cells % count][:, None]
        first = self._model.filters()[0, 0]
        by_weight = jacobian(self._model.hidden, first, chosen)
        scaled = (by_weight * scores[patch, None, None].sqrt()).flatten(0, 1)
        resting = by_weight.shape[2] - first.numel() if step < LAST_LAYER_STEPS else 0
        return scaled.T @ scaled * (2 / len(scaled)), resting

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
