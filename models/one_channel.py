"""What the networks of the edge-SR pool share: one channel in, one channel out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import List, NamedTuple, Optional

import torch
from torch import nn
from torch.nn import functional as F

from pcsr_edge.models.model_id import ModelId


class LastLayer(NamedTuple):
    """The convolution before the pixel shuffle."""

    weight: torch.Tensor
    """(outputs, inputs, K, K), K odd; the phases of each channel lie together."""
    bias: Optional[torch.Tensor] = None
    """(outputs,), or none."""


class OneChannel(nn.Module, ABC):
    """A network that maps luma in [0, 1], (N, 1, h, w), to (N, 1, h*scale, w*scale).

    The published files were trained on luma in studio swing: 16/255 is black, 235/255 white.
    Every network here is some hidden layers, a last convolution, and what becomes of its
    outputs at each SR pixel.
    """

    def __init__(self, config: ModelId) -> None:
        super().__init__()
        self.config = config

    @property
    @abstractmethod
    def hidden(self) -> List[nn.Module]:
        """Return the layers before the last one."""

    @property
    @abstractmethod
    def last(self) -> LastLayer:
        """Return the last layer as a convolution."""

    @abstractmethod
    def finish(self, outputs: torch.Tensor) -> torch.Tensor:
        """Map the last layer's outputs, (N, outputs, h, w), to phases, (N, scale², h, w)."""

    @abstractmethod
    def forward(self, y: torch.Tensor) -> torch.Tensor:
        """Super-resolve as published, layer by layer: zeros around the picture, not clipped."""

    @property
    def receptive_radius(self) -> int:
        """LR pixels on each side that can change an SR pixel; the halo of a tile."""
        layers = (layer for layer in self.hidden if isinstance(layer, nn.Conv2d))
        return sum(layer.kernel_size[0] // 2 for layer in layers) + self.last.weight.shape[-1] // 2

    def phases(self, y: torch.Tensor) -> torch.Tensor:
        """Return the SR pixels by phase, (N, scale², h, w): `forward` without the shuffle.

        Softmax, maximum and sum over channels act per SR pixel, so they commute with the
        shuffle, and are far cheaper before it.
        """
        for layer in self.hidden:
            y = layer(y)
        weight, bias = self.last
        return self.finish(F.conv2d(y, weight, bias, padding=weight.shape[-1] // 2))

    def padded(self, y: torch.Tensor) -> torch.Tensor:
        """Repeat the picture's edge as far as the network sees."""
        return F.pad(y, [self.receptive_radius] * 4, mode="replicate")

    def inner(self, sr: torch.Tensor) -> torch.Tensor:
        """Cut off the SR pixels of what `padded` added."""
        margin = self.receptive_radius * self.config.scale
        return sr[..., margin : sr.shape[-2] - margin, margin : sr.shape[-1] - margin]

    def upscale(self, y: torch.Tensor) -> torch.Tensor:
        """Super-resolve with the edge repeated in place of zeros, which would darken it."""
        return self.inner(F.pixel_shuffle(self.phases(self.padded(y)), self.config.scale))
