"""Validation during training: PSNR of whole images by the plain network."""

from __future__ import annotations

from typing import Sequence

import numpy as np
import torch

from pcsr_edge.models import PCSR
from pcsr_edge.models.geometry import query_inputs
from pcsr_edge.runtime.quality import psnr
from pcsr_edge.train.data import ImagePair


@torch.no_grad()
def predict(model: PCSR, lr: torch.Tensor, size: "tuple[int, int]", stage: int) -> torch.Tensor:
    """Super-resolve with the classes trained so far, each query by its most probable one."""
    x = model.normalise(lr)
    queries = query_inputs(model.backbone(x), size)
    if stage == 0:
        residual = model.upsamplers[0](queries)
    else:
        chosen = model.logits(queries)[..., : stage + 1].argmax(-1)
        outputs = torch.stack([model.upsamplers[j](queries) for j in range(stage + 1)], dim=-2)
        residual = outputs.take_along_dim(chosen[..., None, None], dim=-2).squeeze(-2)
    base = torch.nn.functional.interpolate(x, size=size, mode="bilinear", align_corners=False)
    return model.denormalise(base + residual.transpose(1, 2).unflatten(2, size))


def validation_psnr(model: PCSR, pairs: Sequence[ImagePair], scale: int, stage: int) -> float:
    """Return the mean luma PSNR in dB over `pairs`, `scale` pixels shaved."""
    was_training = model.training
    model.eval()
    values = []
    for pair in pairs:
        lr = torch.from_numpy(pair.lr.transpose(2, 0, 1).copy())[None].float() / 255
        sr = predict(model, lr, (pair.hr.shape[0], pair.hr.shape[1]), stage)[0]
        image = sr.mul(255).round().clamp(0, 255).byte().permute(1, 2, 0).numpy()
        values.append(psnr(image, pair.hr, "y", scale))
    model.train(was_training)
    return float(np.mean(values))
