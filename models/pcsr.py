"""PCSR (Jeong et al., ECCV 2024): a backbone, a pixel-level classifier, M upsamplers."""

from __future__ import annotations

from typing import Optional, Tuple, cast

import torch
from torch import nn
from torch.nn import functional as F

from pcsr_edge.models.config import PCSRConfig
from pcsr_edge.models.geometry import query_inputs
from pcsr_edge.models.mlp import PixelMLP
from pcsr_edge.models.registry import BACKBONES


class PCSR(nn.Module):
    """The network, with the plain per-query evaluation that everything else is held against.

    Images are RGB in [0, 1], (N, 3, h, w) float32. Class 0 is the heaviest upsampler.

    Raises:
        CheckpointError: the backbone is unknown or does not take its arguments.
    """

    def __init__(self, config: PCSRConfig) -> None:
        super().__init__()
        self.config = config
        self.backbone = BACKBONES.build(config.backbone, config.backbone_args)
        channels = self.backbone.feature_channels
        self.upsamplers = nn.ModuleList(
            PixelMLP(channels, widths, 3) for widths in config.upsamplers
        )
        self.classifier: Optional[PixelMLP] = None
        if self.classes > 1:
            self.classifier = PixelMLP(channels, config.classifier, self.classes)
        self.mean: torch.Tensor
        self.register_buffer("mean", torch.tensor(config.mean).view(1, 3, 1, 1), persistent=False)

    @property
    def classes(self) -> int:
        """M, the number of upsamplers."""
        return len(self.upsamplers)

    def upsampler(self, index: int) -> PixelMLP:
        """Return the upsampler of class `index`."""
        return cast(PixelMLP, self.upsamplers[index])

    def normalise(self, image: torch.Tensor) -> torch.Tensor:
        """Map an image in [0, 1] to the network's space."""
        return (image - self.mean) / self.config.std

    def denormalise(self, image: torch.Tensor) -> torch.Tensor:
        """Map the network's space back to [0, 1] images (not clipped)."""
        return image * self.config.std + self.mean

    def residuals(self, queries: torch.Tensor) -> torch.Tensor:
        """Run every upsampler on queries (..., D + 4): residuals (..., M, 3)."""
        return torch.stack([upsampler(queries) for upsampler in self.upsamplers], dim=-2)

    def logits(self, queries: torch.Tensor) -> torch.Tensor:
        """Run the classifier on queries (..., D + 4): (..., M); zeros when M is 1."""
        if self.classifier is None:
            return queries.new_zeros(*queries.shape[:-1], 1)
        out: torch.Tensor = self.classifier(queries)
        return out

    def forward(
        self, lr: torch.Tensor, size: Tuple[int, int], class_map: Optional[torch.Tensor] = None
    ) -> torch.Tensor:
        """Super-resolve `lr` (N, 3, h, w) in [0, 1] to (N, 3, H, W), not clipped, not refined.

        With `class_map` (N, H, W), values 0…M-1, each query takes its class's upsampler alone
        (inference); without it the upsamplers are blended by the class probabilities
        (training). Every upsampler runs on every query either way: plain, not fast.
        """
        x = self.normalise(lr)
        queries = query_inputs(self.backbone(x), size)
        residuals = self.residuals(queries)
        if class_map is None:
            weights = torch.softmax(self.logits(queries), dim=-1)
        else:
            weights = F.one_hot(class_map.flatten(1).long(), self.classes).to(residuals)
        residual = (residuals * weights[..., None]).sum(-2)
        residual = residual.transpose(1, 2).reshape(-1, 3, *size)
        base = F.interpolate(x, size=size, mode="bilinear", align_corners=False)
        return self.denormalise(base + residual)
