"""Checkpoint files: ours and the published ones, read without ever running code from them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, Mapping, Union

import torch
from torch import nn

from pcsr_edge.errors import CheckpointError
from pcsr_edge.models.edge_pool import (
    SUFFIX,
    check_sizes,
    edge_network,
    published_id,
    published_weights,
)
from pcsr_edge.models.files import read_torch_file, write_torch_file
from pcsr_edge.models.methods import METHODS, Network, method_of
from pcsr_edge.models.pcsr import PCSR
from pcsr_edge.models.published import is_published_pcsr, pcsr_from_published
from pcsr_edge.models.published_arm import arm_from_published, published_arm_architecture
from pcsr_edge.models.supernet import Supernet

FORMAT = "pcsr-edge-checkpoint"
VERSION = 1


@dataclass
class Checkpoint:
    """A network and what is known of its training."""

    model: Network
    """The network with its weights."""
    provenance: Dict[str, Any] = field(default_factory=dict)
    """Data set, recipe, steps, seed, commit: plain JSON data, copied into a bundle's manifest."""


def load_checkpoint(path: Union[str, Path]) -> Checkpoint:
    """Load a network from our own or a published checkpoint, on the CPU, for evaluation.

    Raises:
        CheckpointError: see `read_torch_file`; or the content describes no network of ours.
    """
    content = read_torch_file(path)
    if Path(path).suffix == SUFFIX:
        return _load_edge(path, content)
    if not isinstance(content, Mapping):
        raise CheckpointError(f"checkpoint {path} holds a {type(content).__name__}, not a model")
    if content.get("format") == FORMAT:
        return _load_own(path, content)
    if is_published_pcsr(content):
        return _load_published(path, content)
    if published_arm_architecture(content):
        return _load_published_arm(path, content)
    raise CheckpointError(
        f"checkpoint {path} is neither one of ours nor a published PCSR or ARM "
        f"checkpoint (its entries: {', '.join(map(str, list(content)[:6])) or 'none'}); train one "
        "with pcsr-edge train"
    )


def _load_own(path: Union[str, Path], content: Mapping[str, Any]) -> Checkpoint:
    if content.get("version") != VERSION:
        raise CheckpointError(
            f"checkpoint {path} has format version {content.get('version')!r}, this release "
            f"reads {VERSION}; update pcsr-edge"
        )
    method = content.get("method")
    if not isinstance(method, str) or method not in METHODS:
        raise CheckpointError(
            f"checkpoint {path} holds method {method!r}, expected one of {', '.join(METHODS)}"
        )
    missing = [name for name in ("config", "weights") if name not in content]
    if missing:
        raise CheckpointError(f"checkpoint {path} lacks {' and '.join(missing)}; copy it again")
    provenance = content.get("provenance", {})
    if not isinstance(provenance, Mapping):
        raise CheckpointError(f"checkpoint {path} holds {provenance!r:.80} as its provenance")
    model = METHODS[method].network(METHODS[method].config(content["config"]))
    load_weights(model, content["weights"], f"checkpoint {path}")
    return Checkpoint(model.eval(), dict(provenance))


def _load_published(path: Union[str, Path], content: Mapping[str, Any]) -> Checkpoint:
    try:
        config, weights = pcsr_from_published(content["model"])
    except CheckpointError as exc:
        raise CheckpointError(f"published checkpoint {path}: {exc}") from exc
    model = PCSR(config)
    load_weights(model, weights, f"published checkpoint {path}")
    provenance: Dict[str, Any] = {"source": f"published PCSR checkpoint {Path(path).name}"}
    if isinstance(content.get("iter"), int):
        provenance["steps"] = content["iter"]
    return Checkpoint(model.eval(), provenance)


def _load_published_arm(path: Union[str, Path], content: Mapping[str, Any]) -> Checkpoint:
    try:
        config, weights = arm_from_published(content)
    except CheckpointError as exc:
        raise CheckpointError(f"published supernet {path}: {exc}") from exc
    model = Supernet(config)
    load_weights(model, weights, f"published supernet {path}")
    return Checkpoint(model.eval(), {"source": f"published ARM supernet {Path(path).name}"})


def _load_edge(path: Union[str, Path], content: Any) -> Checkpoint:
    """Load a published edge-SR file: bare weights, described by the file's name."""
    network = edge_network(published_id(path))
    if not isinstance(content, Mapping):
        raise CheckpointError(f"checkpoint {path} holds a {type(content).__name__}, not weights")
    weights = published_weights(content)
    check_sizes(network, weights, f"checkpoint {path}")
    load_weights(network, weights, f"checkpoint {path}")
    source = f"published edge-SR model {Path(path).name}"
    return Checkpoint(network.eval(), {"source": source})


def load_weights(module: nn.Module, weights: Mapping[str, torch.Tensor], origin: str) -> None:
    """Copy `weights` into `module`; `origin` names them in errors.

    Raises:
        CheckpointError: a name or a shape does not fit.
    """
    try:
        module.load_state_dict(weights)
    except (RuntimeError, TypeError, AttributeError) as exc:
        detail = " ".join(str(exc).split())
        raise CheckpointError(
            f"the weights of {origin} do not fit its description: {detail}"
        ) from exc


def save_checkpoint(path: Union[str, Path], checkpoint: Checkpoint) -> None:
    """Write `checkpoint` to `path`; an older file is replaced by a whole one.

    Raises:
        CheckpointError: the provenance is no plain JSON data, which a reader would refuse.
        OutputError: the file cannot be written.
    """
    try:
        json.dumps(checkpoint.provenance)
    except (TypeError, ValueError) as exc:
        raise CheckpointError(f"provenance must be plain JSON data: {exc}") from exc
    content = {
        "format": FORMAT,
        "version": VERSION,
        "method": method_of(checkpoint.model.config),
        "config": checkpoint.model.config.to_dict(),
        "weights": checkpoint.model.state_dict(),
        "provenance": checkpoint.provenance,
    }
    write_torch_file(path, content)
