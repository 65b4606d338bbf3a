"""FSRCNN feature extractor (Dong et al., ECCV 2016), as PCSR uses it: no deconvolution."""

from __future__ import annotations

import torch
from torch import nn

from pcsr_edge.models.backbone import Backbone, require_positive


class FSRCNN(Backbone):
    """Features of FSRCNN: 5x5 head, shrink, `m` 3x3 mapping layers, expand.

    Args:
        d: channels of the head and of the features.
        s: channels of the mapping layers.
        m: number of 3x3 mapping layers.
    """

    def __init__(self, d: int = 48, s: int = 12, m: int = 4) -> None:
        require_positive(d=d, s=s, m=m)
        super().__init__(feature_channels=d, receptive_radius=2 + m)
        self.head = nn.Sequential(nn.Conv2d(3, d, 5, padding=2), nn.PReLU())
        self.shrink = nn.Sequential(nn.Conv2d(d, s, 1), nn.PReLU())
        self.mapping = nn.Sequential(*(nn.Conv2d(s, s, 3, padding=1) for _ in range(m)), nn.PReLU())
        self.expand = nn.Sequential(nn.Conv2d(s, d, 1), nn.PReLU())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map a normalised LR batch (N, 3, h, w) to features (N, d, h, w)."""
        out: torch.Tensor = self.expand(self.mapping(self.shrink(self.head(x))))
        return out
