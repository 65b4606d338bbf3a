"""The peers of edge-SR in its pool: ESPCN, FSRCNN and bicubic interpolation, one channel.

Weights carry the names of the published files.
"""

from __future__ import annotations

from typing import List, cast

import torch
from torch import nn
from torch.nn import functional as F

from pcsr_edge.models.bicubic_filter import bicubic_phases, bicubic_transposed
from pcsr_edge.models.model_id import ModelId
from pcsr_edge.models.one_channel import LastLayer, OneChannel


class ESPCN(OneChannel):
    """ESPCN (Shi et al., CVPR 2016): two layers with tanh (one where D = 0), shuffle, sigmoid."""

    def __init__(self, config: ModelId) -> None:
        super().__init__(config)
        first, second = config.size("D"), config.size("S")
        layers: List[nn.Module] = []
        if first:
            layers += [nn.Conv2d(1, first, 5, padding=2), nn.Tanh()]
        layers += [nn.Conv2d(first or 1, second, 3, padding=1), nn.Tanh()]
        layers += [nn.Conv2d(second, config.scale**2, 3, padding=1)]
        self.net = nn.Sequential(*layers)

    @property
    def hidden(self) -> List[nn.Module]:
        """See `OneChannel.hidden`."""
        return list(self.net)[:-1]

    @property
    def last(self) -> LastLayer:
        """See `OneChannel.last`."""
        layer = cast(nn.Conv2d, self.net[-1])
        return LastLayer(layer.weight, layer.bias)

    def finish(self, outputs: torch.Tensor) -> torch.Tensor:
        """See `OneChannel.finish`."""
        return outputs.sigmoid()

    def forward(self, y: torch.Tensor) -> torch.Tensor:
        """See `OneChannel.forward`."""
        return F.pixel_shuffle(self.net(y), self.config.scale).sigmoid()


class Transposed(OneChannel):
    """A network whose last layer is a transposed convolution to the SR picture."""

    net: nn.Sequential

    @property
    def hidden(self) -> List[nn.Module]:
        """See `OneChannel.hidden`."""
        return list(self.net)[:-1]

    @property
    def last(self) -> LastLayer:
        """See `OneChannel.last`."""
        layer = cast(nn.ConvTranspose2d, self.net[-1])
        bias = None if layer.bias is None else layer.bias.expand(self.config.scale**2)
        return LastLayer(phase_kernel(layer), bias)

    def finish(self, outputs: torch.Tensor) -> torch.Tensor:
        """See `OneChannel.finish`."""
        return outputs

    def forward(self, y: torch.Tensor) -> torch.Tensor:
        """See `OneChannel.forward`."""
        out: torch.Tensor = self.net(y)
        return out


def _transposed(inputs: int, kernel: int, scale: int, bias: bool) -> nn.ConvTranspose2d:
    """Return a transposed convolution to one channel, exactly `scale` times as large."""
    padding = (kernel - scale + 1) // 2
    return nn.ConvTranspose2d(
        inputs,
        1,
        kernel,
        stride=scale,
        padding=padding,
        output_padding=2 * padding - kernel + scale,
        bias=bias,
    )


def phase_kernel(layer: nn.ConvTranspose2d) -> torch.Tensor:
    """Return the convolution that, shuffled, equals `layer`: (scale², inputs, K, K), K odd."""
    scale, padding = layer.stride[0], int(layer.padding[0])
    taps = layer.weight.shape[-1]
    # SR pixel s*i + p takes tap t of LR pixel i + d where t = p + padding - s*d.
    reach = max((taps - 1 - padding) // scale, (scale - 1 + padding) // scale)
    kernel = layer.weight.new_zeros(scale**2, layer.in_channels, *[2 * reach + 1] * 2)
    for phase in range(scale**2):
        rows, cols = (_tap_pairs(p + padding, scale, taps, reach) for p in divmod(phase, scale))
        for d_y, t_y in rows:
            for d_x, t_x in cols:
                kernel[phase, :, d_y, d_x] = layer.weight[:, 0, t_y, t_x]
    return kernel


def _tap_pairs(start: int, scale: int, taps: int, reach: int) -> List[List[int]]:
    """Return which tap of the transposed kernel each tap of a phase's kernel is."""
    pairs = ([d + reach, start - scale * d] for d in range(-reach, reach + 1))
    return [pair for pair in pairs if 0 <= pair[1] < taps]


class FSRCNN(Transposed):
    """FSRCNN (Dong et al., ECCV 2016) with a transposed convolution of 9x9 at the end."""

    def __init__(self, config: ModelId) -> None:
        super().__init__(config)
        d, s, mapping, scale = *map(config.size, "DSM"), config.scale
        layers: List[nn.Module] = [nn.Conv2d(1, d, 5, padding=2), nn.PReLU()]
        layers += [nn.Conv2d(d, s, 1), nn.PReLU()]
        for _ in range(mapping):
            layers += [nn.Conv2d(s, s, 3, padding=1), nn.PReLU()]
        layers += [nn.Conv2d(s, d, 1), nn.PReLU()]
        self.net = nn.Sequential(*layers, _transposed(d, 9, scale, bias=True))


class Bicubic(Transposed):
    """Bicubic interpolation as the pool holds it: a transposed convolution."""

    def __init__(self, config: ModelId) -> None:
        super().__init__(config)
        kernel = bicubic_transposed(config.scale)
        layer = _transposed(1, len(kernel), config.scale, bias=False)
        self.net = nn.Sequential(layer)
        with torch.no_grad():
            layer.weight[0, 0] = kernel


class BicubicShuffle(OneChannel):
    """Bicubic interpolation as one convolution and pixel shuffle: a quarter of the work."""

    def __init__(self, config: ModelId) -> None:
        super().__init__(config)
        self.filter = nn.Conv2d(1, config.scale**2, 5, padding=2, bias=False)
        with torch.no_grad():
            self.filter.weight[:, 0] = bicubic_phases(config.scale, 5)

    @property
    def hidden(self) -> List[nn.Module]:
        """See `OneChannel.hidden`."""
        return []

    @property
    def last(self) -> LastLayer:
        """See `OneChannel.last`."""
        return LastLayer(self.filter.weight)

    def finish(self, outputs: torch.Tensor) -> torch.Tensor:
        """See `OneChannel.finish`."""
        return outputs

    def forward(self, y: torch.Tensor) -> torch.Tensor:
        """See `OneChannel.forward`."""
        return F.pixel_shuffle(self.filter(y), self.config.scale)
