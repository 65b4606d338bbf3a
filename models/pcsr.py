"""PCSR (Jeong et al., ECCV 2024): a backbone, a pixel-level classifier, M upsamplers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Dict, Mapping, Optional, Tuple

import torch
from torch import nn
from torch.nn import functional as F

from pcsr_edge.errors import CheckpointError
from pcsr_edge.models.geometry import query_inputs
from pcsr_edge.models.mlp import PixelMLP
from pcsr_edge.models.registry import BACKBONES


@dataclass(frozen=True)
class PCSRConfig:
    """Everything needed to build a PCSR network before its weights are loaded."""

    backbone: str
    """Name in the backbone registry."""
    backbone_args: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of the backbone's constructor."""
    upsamplers: Tuple[Tuple[int, ...], ...] = ((58, 58, 58, 58), (10, 10, 10))
    """Hidden widths of each upsampler, heaviest (class 0) first."""
    classifier: Tuple[int, ...] = ()
    """Hidden widths of the classifier; unused when there is one upsampler."""
    mean: Tuple[float, float, float] = (0.0, 0.0, 0.0)
    """RGB mean that is subtracted from images in [0, 1]."""
    std: float = 1.0
    """Divisor after the mean is subtracted."""

    def to_dict(self) -> Dict[str, Any]:
        """Return plain data that `from_dict` reads back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> PCSRConfig:
        """Build a configuration from plain data (JSON or a checkpoint).

        Raises:
            CheckpointError: a field is unknown, missing or of the wrong form.
        """
        try:
            values = dict(data)
            for name in ("classifier", "mean"):
                if name in values:
                    values[name] = tuple(values[name])
            if "upsamplers" in values:
                values["upsamplers"] = tuple(tuple(widths) for widths in values["upsamplers"])
            config = cls(**values)
        except TypeError as exc:
            raise CheckpointError(
                f"a PCSR model cannot be described by {dict(data)}: {exc}"
            ) from exc
        if not config.upsamplers:
            raise CheckpointError("a PCSR model needs at least one upsampler, got none")
        return config


class PCSR(nn.Module):
    """The network, with the plain per-query evaluation that everything else is held against.

    Images are RGB in [0, 1], (N, 3, h, w) float32. Class 0 is the heaviest upsampler.
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
        if len(config.upsamplers) > 1:
            self.classifier = PixelMLP(channels, config.classifier, len(config.upsamplers))
        self.mean: torch.Tensor
        self.register_buffer("mean", torch.tensor(config.mean).view(1, 3, 1, 1), persistent=False)

    @property
    def classes(self) -> int:
        """M, the number of upsamplers."""
        return len(self.upsamplers)

    def normalise(self, lr: torch.Tensor) -> torch.Tensor:
        """Map an image in [0, 1] to the network's space."""
        return (lr - self.mean) / self.config.std

    def denormalise(self, sr: torch.Tensor) -> torch.Tensor:
        """Map the network's space back to [0, 1] images (not clipped)."""
        return sr * self.config.std + self.mean

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

        With `class_map` (N, H, W) each query takes its class's upsampler alone (inference);
        without it the upsamplers are blended by the class probabilities (training).
        """
        x = self.normalise(lr)
        queries = query_inputs(self.backbone(x), size)
        residuals = self.residuals(queries)
        if class_map is None:
            weights = torch.softmax(self.logits(queries), dim=-1)
        else:
            weights = F.one_hot(class_map.flatten(1).long(), self.classes).to(residuals)
        residual = (residuals * weights[..., None]).sum(-2)
        residual = residual.transpose(1, 2).unflatten(2, size)
        base = F.interpolate(x, size=size, mode="bilinear", align_corners=False)
        return self.denormalise(base + residual)
