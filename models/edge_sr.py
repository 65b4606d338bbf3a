"""edge-SR: one convolution layer, or three, and a reduction over channels.

P. Navarrete Michelini et al., "edge-SR: Super-Resolution For The Masses", WACV 2022,
https://arxiv.org/abs/2108.10335. Weights carry the names of the published files.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import List, cast

import torch
from torch import nn
from torch.nn import functional as F

from pcsr_edge.models.bicubic_filter import bicubic_phases
from pcsr_edge.models.model_id import ModelId
from pcsr_edge.models.one_channel import LastLayer, OneChannel

NOISE = 0.1
"""Spread of the random part of the first values, over the square root of a filter's taps."""
HIDDEN_SPREADS = 0.4, 0.8
"""Of the first values of a CNN's hidden layers: differences are small, and tanh is to bend them."""
LAST_SPREAD = 0.08
PICTURE_GAIN = 0.5
"""Of the channel that carries the picture, which tanh is to leave about as it is."""


class EdgeSR(OneChannel):
    """A stack of convolutions to `groups`·C·scale² channels, and what joins the C of each phase.

    Output channels are ordered by group (value, query, key), then by C, then by phase.
    """

    groups: int
    """1: value; 2: value and key; 3: value, query and key."""
    single = False
    """Take the first of the C values and leave the rest alone: how a training may begin, never
    what a checkpoint holds."""

    def __init__(self, config: ModelId) -> None:
        super().__init__(config)
        self.channels = config.size("C")
        self.filter = self._build(self.groups * self.channels * config.scale**2)
        with torch.no_grad():
            self._begin()

    def _build(self, outputs: int) -> nn.Module:
        kernel = self.config.size("K")
        return nn.Conv2d(1, outputs, kernel, padding=kernel // 2, bias=False)

    @property
    def layers(self) -> List[nn.Module]:
        """The layers, first to last."""
        return list(self.filter) if isinstance(self.filter, nn.Sequential) else [self.filter]

    @property
    def hidden(self) -> List[nn.Module]:
        """See `OneChannel.hidden`."""
        return self.layers[:-1]

    @property
    def last(self) -> LastLayer:
        """See `OneChannel.last`."""
        return LastLayer(cast(nn.Conv2d, self.layers[-1]).weight)

    def filters(self) -> torch.Tensor:
        """Return the last layer's kernels: (groups, C, scale², inputs, K, K)."""
        weight = self.last.weight
        return weight.view(self.groups, self.channels, -1, *weight.shape[1:])

    @abstractmethod
    def join(self, parts: torch.Tensor) -> torch.Tensor:
        """Reduce (N, groups, C, …) to (N, …)."""

    def _reduce(self, parts: torch.Tensor) -> torch.Tensor:
        return parts[:, 0, 0] if self.single else self.join(parts)

    def finish(self, outputs: torch.Tensor) -> torch.Tensor:
        """See `OneChannel.finish`."""
        count, _, height, width = outputs.shape
        return self._reduce(outputs.view(count, self.groups, self.channels, -1, height, width))

    def forward(self, y: torch.Tensor) -> torch.Tensor:
        """See `OneChannel.forward`."""
        shuffled = F.pixel_shuffle(self.filter(y), self.config.scale)
        count, _, height, width = shuffled.shape
        parts = shuffled.view(count, self.groups, self.channels, height, width)
        return self._reduce(parts)[:, None]

    def spread(self) -> None:
        """Make every value the first: whatever the keys are, that changes no result.

        Gradients tell the values apart, since each is weighted by a key of its own.
        """
        with torch.no_grad():
            values = self.filters()[0]
            values[1:] = values[:1].clone()

    def _begin(self) -> None:
        """Begin at bicubic interpolation: from noise alone, one layer learns slowly."""
        filters = self.filters()
        kernel = filters.shape[4]
        nn.init.normal_(filters, std=NOISE / kernel)
        filters[0, :, :, 0] += bicubic_phases(self.config.scale, kernel)


class EdgeSRMax(EdgeSR):
    """eSR-MAX: the largest of C filters."""

    groups = 1

    def join(self, parts: torch.Tensor) -> torch.Tensor:
        """Return the largest value."""
        return parts[:, 0].amax(dim=1)


class EdgeSRTemplate(EdgeSR):
    """eSR-TM, template matching: C filters, weighted by how well C templates match."""

    groups = 2

    def join(self, parts: torch.Tensor) -> torch.Tensor:
        """Weight values by the softmax of the keys."""
        value, key = parts.unbind(1)
        return (value * key.softmax(dim=1)).sum(dim=1)


class EdgeSRTransformer(EdgeSR):
    """eSR-TR: C filters, weighted by the product of query and key."""

    groups = 3

    def join(self, parts: torch.Tensor) -> torch.Tensor:
        """Weight values by the softmax of query times key."""
        value, query, key = parts.unbind(1)
        return (value * (query * key).softmax(dim=1)).sum(dim=1)


class EdgeSRCNN(EdgeSR):
    """eSR-CNN: two layers with tanh (one where D = 0) before template matching by key²."""

    groups = 2

    def _build(self, outputs: int) -> nn.Module:
        first, second = self.config.size("D"), self.config.size("S")
        layers: List[nn.Module] = []
        if first:
            layers += [nn.Conv2d(1, first, 5, padding=2), nn.Tanh()]
        layers += [nn.Conv2d(first or 1, second, 3, padding=1), nn.Tanh()]
        layers += [nn.Conv2d(second, outputs, 3, padding=1, bias=False)]
        return nn.Sequential(*layers)

    def join(self, parts: torch.Tensor) -> torch.Tensor:
        """Weight values by the softmax of the squared keys."""
        value, key = parts.unbind(1)
        return (value * key.square().softmax(dim=1)).sum(dim=1)

    def _begin(self) -> None:
        """Begin with differences: of weights that all see the picture alike, hardly one gets free.

        The first channel of a hidden layer carries the picture; the others are blind to its mean.
        """
        *hidden, last = [layer for layer in self.layers if isinstance(layer, nn.Conv2d)]
        for index, layer in enumerate(hidden):
            nn.init.normal_(layer.weight, std=HIDDEN_SPREADS[index - len(hidden)])
            assert layer.bias is not None
            nn.init.zeros_(layer.bias)
            weight = layer.weight.detach()
            weight[:, 0] -= weight[:, 0].mean(dim=(1, 2), keepdim=True)
            weight[0] = 0
            middle = weight.shape[2] // 2
            weight[0, 0, middle, middle] = 1 if index else PICTURE_GAIN
        nn.init.normal_(last.weight, std=LAST_SPREAD)
