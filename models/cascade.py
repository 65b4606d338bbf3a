"""The cascade: a shallow plain network for every cell, a deep one for the hard blocks alone.

Both parts are re-parameterised 3x3 convolutions, as in `plain`. What PCSR decides per query is
decided per block here, because in such a network the convolutions are the cost, and they are
only fast on dense blocks. Leaving early is the idea of APE (Wang et al., ICCV 2021) and
ClassSR (Kong et al., CVPR 2021); here hard blocks go on from the features of the easy result.
"""

from __future__ import annotations

from typing import List, cast

import torch
from torch import nn
from torch.nn import functional as F

from pcsr_edge.models.backbone import Backbone
from pcsr_edge.models.blocks import all_blocks, gather_blocks, place_blocks
from pcsr_edge.models.cascade_config import CascadeConfig
from pcsr_edge.models.reparameterised import ReparameterisedConv


class Convolutions(Backbone):
    """A part of a cascade after training: plain convolutions, in evaluation mode."""

    def __init__(self, layers: nn.Sequential, channels: int, receptive_radius: int) -> None:
        super().__init__(feature_channels=channels, receptive_radius=receptive_radius)
        self.layers = layers
        self.eval()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (N, inputs, h, w) to (N, outputs, h, w), less what unpadded layers use up."""
        out: torch.Tensor = self.layers(x)
        return out


class Cascade(nn.Module):
    """Trunk and light head for all cells, and a deep part that corrects blocks of them.

    Images are RGB in [0, 1], (N, 3, h, w) float32. Class 0 of a block is the deep result,
    class 1 the light one.
    """

    def __init__(self, config: CascadeConfig) -> None:
        super().__init__()
        self.config = config
        channels, expansion = config.channels, config.expansion
        outputs = 3 * config.scale**2
        widths = [3, *[channels] * (config.trunk_layers + 1)]
        trunk: List[nn.Module] = []
        for inputs, wanted in zip(widths, widths[1:]):
            trunk += [ReparameterisedConv(inputs, wanted, expansion), nn.ReLU()]
        self.trunk = nn.Sequential(*trunk)
        self.light = nn.Conv2d(channels, outputs, 1)
        self.gain = nn.Sequential(
            nn.Conv2d(channels, config.gain_channels, 1),
            nn.ReLU(),
            nn.Conv2d(config.gain_channels, 1, 1),
        )
        widths = [*[channels] * (config.deep_layers + 1), outputs]
        deep: List[nn.Module] = []
        for index, (inputs, wanted) in enumerate(zip(widths, widths[1:])):
            padding = 0 if index < config.margin else 1
            deep += [ReparameterisedConv(inputs, wanted, expansion, padding), nn.ReLU()]
        self.deep = nn.Sequential(*deep[:-1])
        with torch.no_grad():
            # Begin near the base: from a large residual, L1 falls into the trap of learning
            # none at all, with every ReLU dead.
            for values in self.light.parameters():
                values.zero_()
            tail = cast(ReparameterisedConv, self.deep[-1])
            for weight in (tail.kernel, tail.squeeze):
                weight.mul_(0.1)

    @property
    def trunk_radius(self) -> int:
        """LR pixels on each side that can change the features and the light result of a cell."""
        return self.config.trunk_layers + 1

    @property
    def receptive_radius(self) -> int:
        """LR pixels around a block that can change its SR pixels."""
        return self.trunk_radius + self.config.margin

    def correction(self, features: torch.Tensor) -> torch.Tensor:
        """Return what the deep part adds to the light residual of whole pictures, by phase.

        Args:
            features: (N, C, h, w) from the trunk.

        Returns:
            (N, 3·scale², h, w).
        """
        side, margin = self.config.block, self.config.margin
        blocks = all_blocks(features.shape[2], features.shape[3], side)
        windows = gather_blocks(features, blocks, side, margin)
        out = torch.stack([self.deep(window) for window in windows.unbind(1)], dim=1)
        return place_blocks(out, blocks, features.shape[2:])

    def base(self, lr: torch.Tensor) -> torch.Tensor:
        """Return the bilinear upsampling, by phase: (N, 3·scale², h, w)."""
        scale = self.config.scale
        upsampled = F.interpolate(lr, scale_factor=scale, mode="bilinear", align_corners=False)
        return F.pixel_unshuffle(upsampled, scale)

    def results(self, lr: torch.Tensor) -> List[torch.Tensor]:
        """Super-resolve `lr` (N, 3, h, w) with each class everywhere, heaviest first.

        Returns:
            Two (N, 3, h*scale, w*scale), not clipped.
        """
        features = self.trunk(lr)
        light = self.light(features) + self.base(lr)
        heavy = light + self.correction(features)
        return [F.pixel_shuffle(phases, self.config.scale) for phases in (heavy, light)]

    def forward(self, lr: torch.Tensor) -> torch.Tensor:
        """Super-resolve with the deep part everywhere: (N, 3, h*scale, w*scale), not clipped."""
        return self.results(lr)[0]

    def reparameterised_trunk(self) -> Convolutions:
        """Return the trunk with one plain convolution per layer."""
        return Convolutions(_merged(self.trunk), self.config.channels, self.trunk_radius)

    def reparameterised_deep(self) -> Convolutions:
        """Return the deep part with one plain convolution per layer."""
        radius = self.config.deep_layers + 1
        return Convolutions(_merged(self.deep), 3 * self.config.scale**2, radius)


def _merged(layers: nn.Sequential) -> nn.Sequential:
    return nn.Sequential(
        *[
            layer.merged() if isinstance(layer, ReparameterisedConv) else nn.ReLU()
            for layer in layers
        ]
    )
