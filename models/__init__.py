"""PyTorch networks, and the checkpoints they come from."""

from __future__ import annotations

from pcsr_edge.models.backbone import Backbone, BackboneRegistry
from pcsr_edge.models.cascade import Cascade
from pcsr_edge.models.cascade_config import CascadeConfig
from pcsr_edge.models.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from pcsr_edge.models.config import PCSRConfig
from pcsr_edge.models.edge_pool import edge_network
from pcsr_edge.models.edge_sr import EdgeSR
from pcsr_edge.models.methods import METHODS, Config, Network, build_network, method_of
from pcsr_edge.models.mlp import PixelMLP
from pcsr_edge.models.model_id import ModelId
from pcsr_edge.models.one_channel import OneChannel
from pcsr_edge.models.pcsr import PCSR
from pcsr_edge.models.plain import Plain
from pcsr_edge.models.plain_config import PlainConfig
from pcsr_edge.models.registry import BACKBONES
from pcsr_edge.models.subnet import Subnet
from pcsr_edge.models.supernet import Supernet
from pcsr_edge.models.supernet_config import ArmConfig, SupernetConfig, WbsrConfig

__all__ = [
    "BACKBONES",
    "METHODS",
    "PCSR",
    "ArmConfig",
    "Backbone",
    "BackboneRegistry",
    "Cascade",
    "CascadeConfig",
    "Checkpoint",
    "Config",
    "EdgeSR",
    "ModelId",
    "Network",
    "OneChannel",
    "PCSRConfig",
    "PixelMLP",
    "Plain",
    "PlainConfig",
    "Subnet",
    "Supernet",
    "SupernetConfig",
    "WbsrConfig",
    "build_network",
    "edge_network",
    "load_checkpoint",
    "method_of",
    "save_checkpoint",
]
