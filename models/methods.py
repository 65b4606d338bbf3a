"""The methods that a recipe or a checkpoint can name, and the network of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Mapping, Union

from pcsr_edge.models.cascade import Cascade
from pcsr_edge.models.cascade_config import CascadeConfig
from pcsr_edge.models.config import PCSRConfig
from pcsr_edge.models.edge_pool import edge_network
from pcsr_edge.models.model_id import ModelId
from pcsr_edge.models.one_channel import OneChannel
from pcsr_edge.models.pcsr import PCSR
from pcsr_edge.models.plain import Plain
from pcsr_edge.models.plain_config import PlainConfig
from pcsr_edge.models.supernet import Supernet
from pcsr_edge.models.supernet_config import ArmConfig, SupernetConfig, WbsrConfig

Config = Union[PCSRConfig, PlainConfig, CascadeConfig, SupernetConfig, ModelId]
Network = Union[PCSR, Plain, Cascade, Supernet, OneChannel]


@dataclass(frozen=True)
class Method:
    """How the networks of one method are described and built."""

    config: Callable[[Mapping[str, Any]], Config]
    """From plain data to a description; raises CheckpointError."""
    network: Callable[[Any], Network]
    """From a description to a network with random weights."""


METHODS: Mapping[str, Method] = {
    "pcsr": Method(PCSRConfig.from_dict, PCSR),
    "plain": Method(PlainConfig.from_dict, Plain),
    "cascade": Method(CascadeConfig.from_dict, Cascade),
    "arm": Method(ArmConfig.from_dict, Supernet),
    "wbsr": Method(WbsrConfig.from_dict, Supernet),
    "edge-sr": Method(ModelId.from_dict, edge_network),
}


def method_of(config: Config) -> str:
    """Return the name of the method that `config` describes a network of."""
    if isinstance(config, ModelId):
        return "edge-sr"
    if isinstance(config, CascadeConfig):
        return "cascade"
    if isinstance(config, SupernetConfig):
        return "wbsr" if isinstance(config, WbsrConfig) else "arm"
    return "plain" if isinstance(config, PlainConfig) else "pcsr"


def build_network(config: Config) -> Network:
    """Build a network with random weights.

    Raises:
        CheckpointError: the description names parts that do not exist or do not fit.
    """
    return METHODS[method_of(config)].network(config)
