"""Small cascades with random weights whose results matter; needs torch."""

from __future__ import annotations

import torch

from pcsr_edge.models import Cascade, CascadeConfig


@torch.no_grad()
def tiny_cascade(scale: int = 2) -> Cascade:
    """Build a cascade of blocks of 4 with a margin of 1, in evaluation mode."""
    torch.manual_seed(0)
    model = Cascade(CascadeConfig(scale, 5, 1, 2, block=4, margin=1, gain_channels=4))
    model.light.weight.normal_(std=0.1)
    for part in (model.trunk, model.deep):
        for weight in part.parameters():
            weight.mul_(1.5)
    return model.eval().requires_grad_(False)
