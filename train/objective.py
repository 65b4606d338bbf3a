"""The PCSR training objective (section 3.3): reconstruction and average loss of one phase."""

from __future__ import annotations

from typing import List, NamedTuple

import torch
from torch.nn import functional as F

from pcsr_edge.models import PCSR, PixelMLP
from pcsr_edge.models.geometry import phase_geometry


class Losses(NamedTuple):
    """Scalars of one step."""

    recon: torch.Tensor
    """Mean absolute error between blended prediction and truth, in the network's space."""
    average: torch.Tensor
    """Σ_j |Σ p_j - N/M| / N over the N queries; 0 in phase 0."""


def random_phases(count: int, scale: int, wanted: int, generator: torch.Generator) -> torch.Tensor:
    """Choose `wanted` different phases for each of `count` patches: int64 (count, wanted)."""
    keys = torch.rand(count, scale * scale, generator=generator)
    return keys.argsort(dim=1)[:, :wanted]


def cell_features(model: PCSR, image: torch.Tensor) -> torch.Tensor:
    """Run the backbone on a normalised batch (N, 3, h, w): features by cell (N, h*w, D)."""
    features: torch.Tensor = model.backbone(image)
    return features.permute(0, 2, 3, 1).flatten(1, 2)


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

    Classes beyond the phase have no trained upsampler yet: they take no part in the blend, and
    the others share the queries evenly. The first layers are applied once per cell (exact, see
    PixelMLP), so that a step costs what the chosen queries cost.

    Args:
        model: on the device where the batches will be.
        scale: magnification.
        stage: number of the phase, 0…M-1.
    """

    def __init__(self, model: PCSR, scale: int, stage: int) -> None:
        self._model, self._scale, self._stage = model, scale, stage
        self._geometry = phase_geometry(scale).to(model.mean.device)

    def trainable(self) -> List[torch.nn.Parameter]:
        """Return the parameters that this phase trains."""
        model, stage = self._model, self._stage
        if stage == 0:
            return [*model.backbone.parameters(), *model.upsampler(0).parameters()]
        return [*model.upsampler(stage).parameters(), *self._classifier().parameters()]

    def freeze_the_rest(self) -> None:
        """Let `trainable` alone learn; a frozen backbone's batch norm statistics stay as well."""
        self._model.requires_grad_(False)
        self._model.train(self._stage == 0)
        for parameter in self.trainable():
            parameter.requires_grad_(True)

    def __call__(self, lr: torch.Tensor, hr: torch.Tensor, phases: torch.Tensor) -> Losses:
        """Compute the losses of a batch.

        Args:
            lr: (N, 3, h, w) in [0, 1].
            hr: (N, 3, h*scale, w*scale) in [0, 1].
            phases: int64 (N, P), the phases of each patch that count, all its cells.
        """
        model = self._model
        features = cell_features(model, model.normalise(lr))
        target = residual_target(model, lr, hr, self._scale)
        target = target[torch.arange(len(lr), device=lr.device)[:, None], phases]
        outputs = [
            self._at_phases(model.upsampler(j), features, phases) for j in range(self._stage + 1)
        ]
        if self._stage == 0:
            return Losses(F.l1_loss(outputs[0], target), target.new_zeros(()))
        return self._blend(outputs, features, phases, target)

    def _classifier(self) -> PixelMLP:
        if self._model.classifier is None:
            raise ValueError(f"phase {self._stage} of a model with one class does not exist")
        return self._model.classifier

    def _at_phases(
        self, mlp: PixelMLP, features: torch.Tensor, phases: torch.Tensor
    ) -> torch.Tensor:
        return mlp.at_phases(features, mlp.phase_table(self._geometry)[phases])

    def _blend(
        self,
        outputs: List[torch.Tensor],
        features: torch.Tensor,
        phases: torch.Tensor,
        target: torch.Tensor,
    ) -> Losses:
        logits = self._at_phases(self._classifier(), features, phases)[..., : len(outputs)]
        p = torch.softmax(logits, dim=-1)
        blended = torch.zeros_like(target)
        for j, output in enumerate(outputs):
            blended = blended + p[..., j : j + 1] * output
        share = p.flatten(0, 2).mean(0)
        average = (share - 1 / len(outputs)).abs().sum()
        return Losses(F.l1_loss(blended, target), average)
