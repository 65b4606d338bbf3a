"""The PCSR training objective (section 3.3): reconstruction and average loss of one phase."""

from __future__ import annotations

from typing import List, NamedTuple

import torch
from torch.nn import functional as F

from pcsr_edge.models import PCSR
from pcsr_edge.models.geometry import phase_geometry


class Losses(NamedTuple):
    """Scalars of one step."""

    recon: torch.Tensor
    """Mean absolute error between blended prediction and truth, images in [0, 1]/std."""
    average: torch.Tensor
    """Σ_j |Σ p_j - N/M| / N over the N queries; 0 in phase 0."""


def random_phases(count: int, scale: int, wanted: int, generator: torch.Generator) -> torch.Tensor:
    """Choose `wanted` different phases for each of `count` patches: int64 (count, wanted)."""
    keys = torch.rand(count, scale * scale, generator=generator)
    return keys.argsort(dim=1)[:, :wanted]


def residual_target(model: PCSR, lr: torch.Tensor, hr: torch.Tensor, scale: int) -> torch.Tensor:
    """Return what the upsamplers should predict, by phase and cell: (N, scale², h*w, 3)."""
    x = model.normalise(lr)
    base = F.interpolate(x, scale_factor=scale, mode="bilinear", align_corners=False)
    target = model.normalise(hr) - base
    n, _, height, width = lr.shape
    split = target.reshape(n, 3, height, scale, width, scale)
    return split.permute(0, 3, 5, 2, 4, 1).reshape(n, scale * scale, height * width, 3)


class Objective:
    """Losses of phase `stage` for an integer scale, on a random subset of the queries.

    The first layers are applied once per cell (exact, see PixelMLP), so that a step costs
    what the chosen queries cost.
    """

    def __init__(self, model: PCSR, scale: int, stage: int) -> None:
        self._model, self._scale, self._stage = model, scale, stage
        self._geometry = phase_geometry(scale)

    def trainable(self) -> List[torch.nn.Parameter]:
        """Return the parameters of this phase; everything else is to be frozen."""
        model, stage = self._model, self._stage
        if stage == 0:
            return [*model.backbone.parameters(), *model.upsamplers[0].parameters()]
        assert model.classifier is not None
        return [*model.upsamplers[stage].parameters(), *model.classifier.parameters()]

    def __call__(self, lr: torch.Tensor, hr: torch.Tensor, phases: torch.Tensor) -> Losses:
        """Compute the losses of a batch at the given phases (N, P)."""
        model = self._model
        with torch.set_grad_enabled(self._stage == 0):
            features = model.backbone(model.normalise(lr)).permute(0, 2, 3, 1).flatten(1, 2)
        target = residual_target(model, lr, hr, self._scale)
        target = target[torch.arange(len(lr))[:, None], phases]
        outputs = [self._run(index, features, phases) for index in range(self._stage + 1)]
        if self._stage == 0:
            return Losses(F.l1_loss(outputs[0], target), target.new_zeros(()))
        return self._blend(outputs, features, phases, target)

    def _run(self, index: int, features: torch.Tensor, phases: torch.Tensor) -> torch.Tensor:
        upsampler = self._model.upsamplers[index]
        with torch.set_grad_enabled(index == self._stage):
            return self._queries(upsampler, features, phases)

    def _queries(
        self, mlp: torch.nn.Module, features: torch.Tensor, phases: torch.Tensor
    ) -> torch.Tensor:
        projection = F.linear(features, mlp.projection_weight())[:, None]
        table = mlp.phase_table(self._geometry)[phases][:, :, None]
        out: torch.Tensor = mlp.from_projection(projection, table)
        return out

    def _blend(
        self,
        outputs: List[torch.Tensor],
        features: torch.Tensor,
        phases: torch.Tensor,
        target: torch.Tensor,
    ) -> Losses:
        classifier = self._model.classifier
        assert classifier is not None
        # Classes beyond this phase have no upsampler yet: their rows stay out of the softmax.
        logits = self._queries(classifier, features, phases)[..., : self._stage + 1]
        p = torch.softmax(logits, dim=-1)
        blended = sum(p[..., j : j + 1] * output for j, output in enumerate(outputs))
        assert isinstance(blended, torch.Tensor)
        share = p.flatten(0, 2).mean(0)
        average = (share - 1 / len(outputs)).abs().sum()
        return Losses(F.l1_loss(blended, target), average)
