"""PyTorch networks, and the checkpoints they come from."""

from __future__ import annotations

from pcsr_edge.models.backbone import Backbone, BackboneRegistry
from pcsr_edge.models.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from pcsr_edge.models.config import PCSRConfig
from pcsr_edge.models.mlp import PixelMLP
from pcsr_edge.models.pcsr import PCSR
from pcsr_edge.models.registry import BACKBONES

__all__ = [
    "BACKBONES",
    "PCSR",
    "Backbone",
    "BackboneRegistry",
    "Checkpoint",
    "PCSRConfig",
    "PixelMLP",
    "load_checkpoint",
    "save_checkpoint",
]
