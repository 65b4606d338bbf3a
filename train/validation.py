"""Validation during training: PSNR of whole images."""

from __future__ import annotations

from typing import Callable, Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from pcsr_edge.models import PCSR, PixelMLP
from pcsr_edge.models.geometry import phase_geometry
from pcsr_edge.runtime.quality import psnr
from pcsr_edge.train.data import ImagePair, to_tensor
from pcsr_edge.train.objective import cell_features


class _Head:
    """An upsampler or the classifier over fixed cells, one phase at a time.

    All queries of a large image at once would need scale² times the memory.
    """

    def __init__(self, mlp: PixelMLP, features: torch.Tensor, geometry: torch.Tensor) -> None:
        self._mlp = mlp
        self._projection = F.linear(features, mlp.projection_weight())
        self._table = mlp.phase_table(geometry)

    def at(self, phase: int) -> torch.Tensor:
        """Return the outputs of one phase: (N, cells, outputs)."""
        return self._mlp.from_projection(self._projection, self._table[phase])


@torch.no_grad()
def predict(model: PCSR, lr: torch.Tensor, scale: int, stage: int) -> torch.Tensor:
    """Super-resolve with the classes 0…stage, each query by its most probable one.

    Args:
        model: in evaluation mode.
        lr: (N, 3, h, w) in [0, 1], on the model's device.
        scale: integer magnification.
        stage: the last class that may be used.

    Returns:
        (N, 3, h*scale, w*scale), not clipped, not refined.
    """
    x = model.normalise(lr)
    features = cell_features(model, x)
    geometry = phase_geometry(scale).to(x.device)
    upsamplers = [_Head(model.upsampler(j), features, geometry) for j in range(stage + 1)]
    classifier = None
    if model.classifier is not None and stage > 0:
        classifier = _Head(model.classifier, features, geometry)
    residuals = []
    for phase in range(scale * scale):
        residual = upsamplers[0].at(phase)
        if classifier is not None:
            chosen = classifier.at(phase)[..., : stage + 1].argmax(-1, keepdim=True)
            for j in range(1, stage + 1):
                residual = torch.where(chosen == j, upsamplers[j].at(phase), residual)
        residuals.append(residual)
    # (N, cells, 3, scale²): the channel order that pixel_shuffle expects.
    stacked = torch.stack(residuals, dim=-1).flatten(2).transpose(1, 2)
    residual = F.pixel_shuffle(stacked.reshape(len(lr), -1, *lr.shape[2:]), scale)
    base = F.interpolate(x, scale_factor=scale, mode="bilinear", align_corners=False)
    return model.denormalise(base + residual)


def validation_psnr(model: PCSR, pairs: Sequence[ImagePair], scale: int, stage: int) -> float:
    """Return the mean luma PSNR in dB over `pairs`, `scale` pixels shaved."""
    return mean_psnr(model, pairs, scale, lambda lr: predict(model, lr, scale, stage))


def mean_psnr(
    model: nn.Module,
    pairs: Sequence[ImagePair],
    scale: int,
    upscale: Callable[[torch.Tensor], torch.Tensor],
) -> float:
    """Return the mean luma PSNR in dB over `pairs`, `scale` pixels shaved.

    Args:
        model: is in evaluation mode meanwhile.
        pairs: images.
        scale: magnification.
        upscale: maps LR (1, 3, h, w) in [0, 1], on the model's device, to SR, not clipped.
    """
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    values = []
    for pair in pairs:
        with torch.no_grad():
            sr = upscale(to_tensor(pair.lr[None]).to(device))[0]
        image = sr.mul(255).round().clamp(0, 255).byte().permute(1, 2, 0).cpu().numpy()
        values.append(psnr(image, pair.hr, "y", scale))
    model.train(was_training)
    return float(np.mean(values))
