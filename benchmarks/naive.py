"""PCSR as a straightforward reader of the paper writes it in PyTorch: the honest slow peer.

Every query gathers its D features and its four geometry values, the classifier and then each
class's upsampler run on the gathered rows, as the published code does it.
"""

from __future__ import annotations

from typing import Any, Tuple

import numpy as np
import torch
from torch.nn import functional as F

from pcsr_edge.models import PCSR
from pcsr_edge.models.geometry import query_inputs
from pcsr_edge.runtime.assignment import heavy_classes


@torch.no_grad()
def upscale(model: PCSR, image: Any, scale: int, costs: Any, k: float) -> Tuple[Any, Any]:
    """Upscale uint8 RGB (h, w, 3): the SR image, uint8 (h*scale, w*scale, 3), and its class map.

    Runs where the model's weights are; returns when it is done.
    """
    device = next(model.parameters()).device
    pixels = torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)))[None]
    lr = pixels.to(device).float() / 255
    size = image.shape[0] * scale, image.shape[1] * scale
    x = model.normalise(lr)
    queries = query_inputs(model.backbone(x), size)[0]
    p = torch.softmax(model.logits(queries), dim=-1)
    classes = (p / torch.tensor(costs, dtype=p.dtype, device=device) ** k).argmax(-1)
    residual = queries.new_zeros(len(queries), 3)
    for j, upsampler in enumerate(model.upsamplers):
        chosen = (classes == j).nonzero()[:, 0]
        residual[chosen] = upsampler(queries[chosen])
    base = F.interpolate(x, size=size, mode="bilinear", align_corners=False)
    sr = model.denormalise(base + residual.T.reshape(1, 3, *size))
    sr = _refine(sr, classes.reshape(1, 1, *size), model.classes)
    out = sr.mul(255).round().clamp(0, 255).byte()[0].permute(1, 2, 0).contiguous()
    return out.cpu().numpy(), classes.reshape(size).byte().cpu().numpy()


def _refine(sr: torch.Tensor, classes: torch.Tensor, count: int) -> torch.Tensor:
    heavy = (classes < heavy_classes(count)).float()
    touched = F.max_pool2d(heavy, 3, stride=1) > 0
    mean = F.avg_pool2d(sr, 3, stride=1)
    inner = sr[:, :, 1:-1, 1:-1]
    light = heavy[:, :, 1:-1, 1:-1] == 0
    out = sr.clone()
    out[:, :, 1:-1, 1:-1] = torch.where(touched & light, mean, inner)
    return out
