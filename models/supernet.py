"""A supernet: one set of weights, subnets of several widths (ARM, Chen et al., ECCV 2022).

A narrow subnet takes the first channels of every kernel (slimmable networks, Yu et al.,
ICLR 2019), so its weights are corners of the widest one's. PReLUs share their one slope.
"""

from __future__ import annotations

from typing import Dict, List, Tuple

import torch
from torch import nn
from torch.func import functional_call
from torch.nn import functional as F

from pcsr_edge.models.subnet import Subnet, build_subnet
from pcsr_edge.models.supernet_config import SupernetConfig

TAIL_GAIN = 0.1
"""Factor on the last layer's random weights where the network learns a residual."""


class Supernet(nn.Module):
    """Subnets of falling width; class 0 is the widest.

    Images are RGB in [0, 1], (N, 3, h, w) float32. The class after the narrowest subnet,
    interpolation, needs no network and is the runtime's business.
    """

    mean: torch.Tensor

    def __init__(self, config: SupernetConfig) -> None:
        super().__init__()
        self.config = config
        self.widest = self._build(config.widths[0])
        # Only their structure is used; so they are no submodules and hold no memory.
        with torch.device("meta"):
            self._narrow = [self._build(width) for width in config.widths[1:]]
        self.register_buffer("mean", torch.tensor(config.mean).view(3, 1, 1), persistent=False)
        if config.residual:
            with torch.no_grad():
                # Begin near the base, as a plain network does.
                convolutions = [m for m in self.widest.modules() if isinstance(m, nn.Conv2d)]
                convolutions[-1].weight.mul_(TAIL_GAIN)

    def _build(self, width: int) -> Subnet:
        config = self.config
        return build_subnet(config.backbone, width, config.scale, config.backbone_args)

    @property
    def receptive_radius(self) -> int:
        """LR pixels on each side that can change an SR pixel; the halo of a patch."""
        return self.widest.receptive_radius

    def weights(self, index: int) -> Dict[str, torch.Tensor]:
        """Return the parameters of subnet `index`: views of the widest one's."""
        shared = dict(self.widest.named_parameters())
        if index == 0:
            return dict(shared)
        wanted = self._narrow[index - 1].named_parameters()
        return {
            name: shared[name][tuple(slice(size) for size in parameter.shape)]
            for name, parameter in wanted
        }

    def costs(self) -> List[float]:
        """Return the multiply-adds of each subnet's convolutions, as shares of the widest one's."""
        work = [_multiply_adds(net) for net in (self.widest, *self._narrow)]
        return [value / work[0] for value in work]

    def subnet(self, index: int) -> Subnet:
        """Return subnet `index` by itself, in evaluation mode, with weights of its own."""
        found = self._build(self.config.widths[index])
        found.load_state_dict(self.weights(index))
        return found.eval()

    def phases(self, lr: torch.Tensor, index: int) -> torch.Tensor:
        """Return what subnet `index` adds to `base`, by phase: (N, 3·scale², h, w)."""
        x = lr - self.mean
        if index == 0:
            out: torch.Tensor = self.widest(x)
        else:
            out = functional_call(self._narrow[index - 1], self.weights(index), (x,))
        return out

    def base(self, lr: torch.Tensor) -> torch.Tensor:
        """Return what `phases` are added to, by phase: bilinear for a residual, else the mean.

        Returns:
            (N, 3·scale², h, w) or (1, 3·scale², 1, 1).
        """
        if not self.config.residual:
            return self.mean.repeat_interleave(self.config.scale**2, dim=0)[None]
        return self.bilinear(lr)

    def bilinear(self, lr: torch.Tensor) -> torch.Tensor:
        """Return the bilinear upsampling, by phase: (N, 3·scale², h, w)."""
        scale = self.config.scale
        upsampled = F.interpolate(lr, scale_factor=scale, mode="bilinear", align_corners=False)
        return F.pixel_unshuffle(upsampled, scale)

    def results(self, lr: torch.Tensor) -> List[torch.Tensor]:
        """Super-resolve `lr` (N, 3, h, w) with each subnet, widest first.

        Returns:
            As many (N, 3, h*scale, w*scale) as subnets, not clipped.
        """
        base, scale = self.base(lr), self.config.scale
        count = len(self.config.widths)
        return [F.pixel_shuffle(self.phases(lr, j) + base, scale) for j in range(count)]

    def forward(self, lr: torch.Tensor, index: int = 0) -> torch.Tensor:
        """Super-resolve with subnet `index`: (N, 3, h*scale, w*scale), not clipped."""
        return F.pixel_shuffle(self.phases(lr, index) + self.base(lr), self.config.scale)


def _multiply_adds(subnet: Subnet) -> int:
    """Count on a small picture; any size gives the same ratios."""
    counts: List[int] = []

    def add(layer: nn.Module, _: Tuple[torch.Tensor, ...], out: torch.Tensor) -> None:
        assert isinstance(layer, nn.Conv2d)
        counts.append(layer.weight[0].numel() * out.numel())

    hooks = [m.register_forward_hook(add) for m in subnet.modules() if isinstance(m, nn.Conv2d)]
    weight = next(subnet.parameters())
    with torch.no_grad():
        subnet(weight.new_zeros((1, 3, 4, 4)))
    for hook in hooks:
        hook.remove()
    return sum(counts)
