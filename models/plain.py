"""The plain network: 3x3 convolutions, one pixel shuffle, no branch left when it runs.

Of the class of ECBSR (Zhang et al., ACM MM 2021), SESR (Bhardwaj et al., MLSys 2022) and
QuickSRNet (Berger et al., CVPRW 2023): every query gets the same work, and the work is of the
kind that a device does fastest.
"""

from __future__ import annotations

from typing import List, cast

import torch
from torch import nn
from torch.nn import functional as F

from pcsr_edge.models.backbone import Backbone
from pcsr_edge.models.plain_config import PlainConfig
from pcsr_edge.models.reparameterised import ReparameterisedConv

TAIL_GAIN = 0.1
"""Factor on the last layer's random weights."""


class PlainBody(Backbone):
    """The convolutions of a plain network after training, in evaluation mode.

    It maps LR images in [0, 1] to residuals by phase, (N, 3·scale², h, w).
    """

    def __init__(self, layers: nn.Sequential, channels: int, receptive_radius: int) -> None:
        super().__init__(feature_channels=channels, receptive_radius=receptive_radius)
        self.layers = layers
        self.eval()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (N, 3, h, w) to (N, 3·scale², h, w)."""
        out: torch.Tensor = self.layers(x)
        return out


class Plain(nn.Module):
    """3 → C, M times C → C, C → 3·scale² with ReLU between, added to bilinear.

    Images are RGB in [0, 1], (N, 3, h, w) float32.
    """

    def __init__(self, config: PlainConfig) -> None:
        super().__init__()
        self.config = config
        channels, outputs = config.channels, 3 * config.scale**2
        widths = [3, *[channels] * (config.layers + 1), outputs]
        layers: List[nn.Module] = []
        for inputs, wanted in zip(widths, widths[1:]):
            layers += [ReparameterisedConv(inputs, wanted, config.expansion), nn.ReLU()]
        self.body = nn.Sequential(*layers[:-1])
        with torch.no_grad():
            # Begin near the base: from a large residual, L1 falls into the trap of learning
            # none at all, with every ReLU dead.
            for weight in (self.tail.kernel, self.tail.squeeze):
                weight.mul_(TAIL_GAIN)

    @property
    def tail(self) -> ReparameterisedConv:
        """The last convolution, C → 3·scale²."""
        return cast(ReparameterisedConv, self.body[-1])

    @property
    def receptive_radius(self) -> int:
        """LR pixels on each side that can change an SR pixel; the halo of a tile."""
        return self.config.layers + 2

    def residual(self, lr: torch.Tensor) -> torch.Tensor:
        """Return what is added to the base, by phase: (N, 3·scale², h, w)."""
        out: torch.Tensor = self.body(lr)
        return out

    def base(self, lr: torch.Tensor) -> torch.Tensor:
        """Return the bilinear upsampling, by phase: (N, 3·scale², h, w)."""
        scale = self.config.scale
        upsampled = F.interpolate(lr, scale_factor=scale, mode="bilinear", align_corners=False)
        return F.pixel_unshuffle(upsampled, scale)

    def forward(self, lr: torch.Tensor) -> torch.Tensor:
        """Super-resolve `lr` (N, 3, h, w) in [0, 1] to (N, 3, h*scale, w*scale), not clipped."""
        return F.pixel_shuffle(self.residual(lr) + self.base(lr), self.config.scale)

    def reparameterised(self) -> PlainBody:
        """Return what computes `residual`, with one plain convolution per layer."""
        layers = [
            layer.merged() if isinstance(layer, ReparameterisedConv) else nn.ReLU()
            for layer in self.body
        ]
        return PlainBody(nn.Sequential(*layers), self.tail.bias.numel(), self.receptive_radius)
