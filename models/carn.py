"""CARN-M feature extractor (Ahn et al., ECCV 2018), as PCSR uses it: no upsampling tail."""

from __future__ import annotations

from typing import Sequence

import torch
from torch import nn

from pcsr_edge.models.backbone import Backbone, require_positive


class EResidualBlock(nn.Module):
    """Two grouped 3x3 convolutions and a 1x1 one around an identity."""

    def __init__(self, channels: int, groups: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, groups=groups),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, groups=groups),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 1),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (N, C, h, w) to (N, C, h, w)."""
        return torch.relu(self.body(x) + x)


class Cascade(nn.Module):
    """Three stages; after each, a 1x1 convolution fuses all that was computed so far."""

    def __init__(self, channels: int, batch_norm: bool) -> None:
        super().__init__()
        self.fusions = nn.ModuleList(
            _fusion(inputs * channels, channels, batch_norm) for inputs in (2, 3, 4)
        )

    def forward(self, x: torch.Tensor, stages: Sequence[nn.Module]) -> torch.Tensor:
        """Run `stages` one after the other on (N, C, h, w), fusing after each."""
        seen, out = x, x
        for stage, fusion in zip(stages, self.fusions):
            seen = torch.cat([seen, stage(out)], dim=1)
            out = fusion(seen)
        return out


def _fusion(inputs: int, channels: int, batch_norm: bool) -> nn.Sequential:
    if not batch_norm:
        return nn.Sequential(nn.Conv2d(inputs, channels, 1), nn.ReLU())
    # No bias: the batch norm that follows brings one.
    convolution = nn.Conv2d(inputs, channels, 1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(channels), nn.ReLU())


class CascadingBlock(nn.Module):
    """A cascade over one residual block whose weights serve all three stages (CARN-M)."""

    def __init__(self, channels: int, groups: int, batch_norm: bool) -> None:
        super().__init__()
        self.residual = EResidualBlock(channels, groups)
        self.cascade = Cascade(channels, batch_norm)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (N, C, h, w) to (N, C, h, w)."""
        out: torch.Tensor = self.cascade(x, [self.residual] * 3)
        return out


class CARN(Backbone):
    """Features of CARN-M.

    Args:
        nf: channels; a multiple of `groups`.
        groups: groups of the 3x3 convolutions in the residual blocks.
        batch_norm: after each fusion, as PCSR has it; a supernet has none, since the widths
            would need statistics of their own.
    """

    def __init__(self, nf: int = 64, groups: int = 4, batch_norm: bool = True) -> None:
        require_positive(nf=nf, groups=groups)
        # The entry, then three blocks that run two 3x3 convolutions three times each.
        super().__init__(feature_channels=nf, receptive_radius=1 + 3 * 3 * 2)
        self.entry = nn.Conv2d(3, nf, 3, padding=1)
        self.blocks = nn.ModuleList(CascadingBlock(nf, groups, batch_norm) for _ in range(3))
        self.cascade = Cascade(nf, batch_norm)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map a normalised LR batch (N, 3, h, w) to features (N, nf, h, w)."""
        out: torch.Tensor = self.cascade(self.entry(x), list(self.blocks))
        return out
