"""SRResNet feature extractor, as PCSR uses it: without batch norm and upsampling tail."""

from __future__ import annotations

import torch
from torch import nn

from pcsr_edge.models.backbone import Backbone, require_positive


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions around an identity, no batch norm."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (N, C, h, w) to (N, C, h, w)."""
        out: torch.Tensor = x + self.body(x)
        return out


class SRResNet(Backbone):
    """Features of SRResNet (Ledig et al., CVPR 2017) without batch norm, known as MSRResNet.

    Args:
        nf: channels.
        blocks: number of residual blocks.
    """

    def __init__(self, nf: int = 58, blocks: int = 16) -> None:
        require_positive(nf=nf, blocks=blocks)
        super().__init__(feature_channels=nf, receptive_radius=1 + 2 * blocks)
        self.head = nn.Sequential(nn.Conv2d(3, nf, 3, padding=1), nn.LeakyReLU(0.1))
        self.body = nn.Sequential(*(ResidualBlock(nf) for _ in range(blocks)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map a normalised LR batch (N, 3, h, w) to features (N, nf, h, w)."""
        out: torch.Tensor = self.body(self.head(x))
        return out
