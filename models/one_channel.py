"""What the networks of the edge-SR pool share: one channel in, one channel out."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import nn
from torch.nn import functional as F

from pcsr_edge.models.model_id import ModelId


class OneChannel(nn.Module, ABC):
    """A network that maps luma in [0, 1], (N, 1, h, w), to (N, 1, h*scale, w*scale).

    The published files were trained on luma in studio swing: 16/255 is black, 235/255 white.
    """

    def __init__(self, config: ModelId) -> None:
        super().__init__()
        self.config = config

    @property
    @abstractmethod
    def receptive_radius(self) -> int:
        """LR pixels on each side that can change an SR pixel; the halo of a tile."""

    @abstractmethod
    def phases(self, y: torch.Tensor) -> torch.Tensor:
        """Return the SR pixels by phase, (N, scale², h, w), without any shuffle of channels.

        Equal to `forward`, and far cheaper where channels are reduced: softmax, maximum and
        sum act per SR pixel, so they commute with the pixel shuffle.
        """

    @abstractmethod
    def forward(self, y: torch.Tensor) -> torch.Tensor:
        """Super-resolve as published, layer by layer: zeros around the picture, not clipped."""

    def upscale(self, y: torch.Tensor) -> torch.Tensor:
        """Super-resolve with the picture's edge repeated in place of zeros, not clipped.

        What our graphs do: zeros outside would draw a dark frame around the result.
        """
        radius, scale = self.receptive_radius, self.config.scale
        padded = F.pad(y, [radius] * 4, mode="replicate")
        out = F.pixel_shuffle(self.phases(padded), scale)
        margin = radius * scale
        height, width = out.shape[2] - margin, out.shape[3] - margin
        return out[:, :, margin:height, margin:width]
