"""The peers of edge-SR in its pool: ESPCN, FSRCNN and bicubic interpolation, one channel.

Weights carry the names of the published files.
"""

from __future__ import annotations

from typing import List

import torch
from torch import nn
from torch.nn import functional as F

from pcsr_edge.models.bicubic_filter import bicubic_phases, bicubic_transposed
from pcsr_edge.models.model_id import ModelId
from pcsr_edge.models.one_channel import OneChannel


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
    def receptive_radius(self) -> int:
        """Sum of the kernels' radii."""
        return 4 if self.config.size("D") else 2

    def phases(self, y: torch.Tensor) -> torch.Tensor:
        """See `OneChannel.phases`."""
        out: torch.Tensor = self.net(y)
        return out.sigmoid()

    def forward(self, y: torch.Tensor) -> torch.Tensor:
        """See `OneChannel.forward`."""
        return F.pixel_shuffle(self.net(y), self.config.scale).sigmoid()


class TransposedNetwork(OneChannel):
    """A network whose last layer is a transposed convolution to the SR picture."""

    net: nn.Module

    @property
    def last(self) -> nn.ConvTranspose2d:
        """The transposed convolution."""
        layers = [m for m in self.net.modules() if isinstance(m, nn.ConvTranspose2d)]
        return layers[-1]

    @property
    def body(self) -> nn.Module:
        """What comes before it."""
        return self.net[:-1] if isinstance(self.net, nn.Sequential) else nn.Identity()

    @property
    def body_radius(self) -> int:
        """Sum of the body's kernel radii."""
        layers = (m for m in self.body.modules() if isinstance(m, nn.Conv2d))
        return sum(layer.kernel_size[0] // 2 for layer in layers)

    @property
    def receptive_radius(self) -> int:
        """The body's, and the reach of the transposed convolution."""
        return self.body_radius + phase_kernel(self.last).shape[-1] // 2

    def phases(self, y: torch.Tensor) -> torch.Tensor:
        """See `OneChannel.phases`."""
        kernel = phase_kernel(self.last)
        return F.conv2d(self.body(y), kernel, self._bias(), padding=kernel.shape[-1] // 2)

    def _bias(self) -> torch.Tensor:
        outputs = self.config.scale**2
        bias = self.last.bias
        return self.last.weight.new_zeros(outputs) if bias is None else bias.expand(outputs)

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


class FSRCNN(TransposedNetwork):
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


class Bicubic(TransposedNetwork):
    """Bicubic interpolation as the pool holds it: a transposed convolution."""

    def __init__(self, config: ModelId) -> None:
        super().__init__(config)
        self.net = _transposed(1, 4 * config.scale + 3, config.scale, bias=False)
        with torch.no_grad():
            self.net.weight[0, 0] = bicubic_transposed(config.scale)


class BicubicShuffle(OneChannel):
    """Bicubic interpolation as one convolution and pixel shuffle: a quarter of the work."""

    def __init__(self, config: ModelId) -> None:
        super().__init__(config)
        self.filter = nn.Conv2d(1, config.scale**2, 5, padding=2, bias=False)
        with torch.no_grad():
            self.filter.weight[:, 0] = bicubic_phases(config.scale, 5)

    @property
    def receptive_radius(self) -> int:
        """The kernel's radius."""
        return 2

    def phases(self, y: torch.Tensor) -> torch.Tensor:
        """See `OneChannel.phases`."""
        out: torch.Tensor = self.filter(y)
        return out

    def forward(self, y: torch.Tensor) -> torch.Tensor:
        """See `OneChannel.forward`."""
        return F.pixel_shuffle(self.phases(y), self.config.scale)
