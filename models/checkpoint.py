"""Checkpoint files: ours and the published ones, read without ever running code from them."""

from __future__ import annotations

import os
import pickle
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, Mapping, Union

import torch
from torch import nn

from pcsr_edge.errors import CheckpointError
from pcsr_edge.models.pcsr import PCSR, PCSRConfig
from pcsr_edge.models.published import is_published_pcsr, pcsr_from_published

FORMAT = "pcsr-edge-checkpoint"
VERSION = 1


@dataclass
class Checkpoint:
    """A network and what is known of its training."""

    model: PCSR
    provenance: Dict[str, Any] = field(default_factory=dict)
    """Data set, recipe, steps, seed, licence: copied into the bundle's manifest."""


def read_torch_file(path: Union[str, Path]) -> Any:
    """Load a torch file that holds only tensors and plain data.

    Raises:
        CheckpointError: it is missing, damaged, or a pickle that would run code.
    """
    path = Path(path)
    if not path.exists():
        raise CheckpointError(f"checkpoint {path} does not exist; check the path")
    if path.is_dir():
        raise CheckpointError(f"checkpoint {path} is a folder; name the .pth file in it")
    if path.stat().st_size == 0:
        raise CheckpointError(f"checkpoint {path} is empty; copy or download it again")
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as exc:
        raise CheckpointError(
            f"checkpoint {path} was refused: it is damaged or holds objects beside tensors and "
            "plain data, which could run code on loading; save {'model': …} with tensors only"
        ) from exc
    except (RuntimeError, EOFError, OSError, ValueError, KeyError, UnicodeDecodeError) as exc:
        reason = str(exc).splitlines()[0] if str(exc) else type(exc).__name__
        raise CheckpointError(
            f"checkpoint {path} cannot be read ({reason}); it is damaged or not a torch file: "
            "copy or download it again"
        ) from exc


def load_checkpoint(path: Union[str, Path]) -> Checkpoint:
    """Load a PCSR network from our own or a published checkpoint, in evaluation mode.

    Raises:
        CheckpointError: see `read_torch_file`; or the content describes no PCSR network.
    """
    content = read_torch_file(path)
    if not isinstance(content, Mapping):
        raise CheckpointError(f"checkpoint {path} holds a {type(content).__name__}, not a model")
    if content.get("format") == FORMAT:
        return _load_own(path, content)
    if is_published_pcsr(content):
        model = pcsr_from_published(content["model"])
        return Checkpoint(model.eval(), {"source": f"published PCSR checkpoint {Path(path).name}"})
    raise CheckpointError(
        f"checkpoint {path} is neither one of ours nor a published PCSR checkpoint "
        f"(its entries: {', '.join(map(str, list(content)[:6]))}); train one with pcsr-edge train"
    )


def _load_own(path: Union[str, Path], content: Mapping[str, Any]) -> Checkpoint:
    if content.get("version") != VERSION:
        raise CheckpointError(
            f"checkpoint {path} has format version {content.get('version')!r}, this release "
            f"reads {VERSION}; update pcsr-edge"
        )
    if content.get("method") != "pcsr":
        raise CheckpointError(
            f"checkpoint {path} holds method {content.get('method')!r}, expected 'pcsr'"
        )
    model = PCSR(PCSRConfig.from_dict(content["config"]))
    load_weights(model, content["weights"], str(path))
    return Checkpoint(model.eval(), dict(content.get("provenance", {})))


def load_weights(module: nn.Module, weights: Mapping[str, torch.Tensor], name: str) -> None:
    """Copy `weights` into `module`.

    Raises:
        CheckpointError: a name or a shape does not fit.
    """
    try:
        module.load_state_dict(weights)
    except RuntimeError as exc:
        detail = " ".join(str(exc).split())
        raise CheckpointError(
            f"the weights in {name} do not fit their description: {detail}"
        ) from exc


def save_checkpoint(path: Union[str, Path], checkpoint: Checkpoint) -> None:
    """Write `checkpoint` to `path` in one step (temporary name, then rename)."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "method": "pcsr",
        "config": checkpoint.model.config.to_dict(),
        "weights": checkpoint.model.state_dict(),
        "provenance": checkpoint.provenance,
    }
    write_torch_file(path, content)


def write_torch_file(path: Union[str, Path], content: Any) -> None:
    """Save plain data and tensors to `path` in one step (temporary name, then rename)."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    try:
        torch.save(content, partial)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
