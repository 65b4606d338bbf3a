"""The state of a training run on disk, from which it resumes exactly."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List

from pcsr_edge.errors import CheckpointError, TrainingError
from pcsr_edge.models.files import read_torch_file, write_torch_file
from pcsr_edge.train.recipe import Recipe

STATE_FILE = "state.pth"


@dataclass
class TrainingState:
    """Where a run stands: `step` steps of phase `stage` are done."""

    stage: int = 0
    """The phase under way; the number of phases once all are done."""
    step: int = 0
    """Optimiser steps done in this phase."""
    weights: Dict[str, Any] = field(default_factory=dict)
    """The model's, batch norm statistics included."""
    optimizer: Dict[str, Any] = field(default_factory=dict)
    """The optimiser's state; empty at the start of a phase."""
    history: List[Dict[str, float]] = field(default_factory=list)
    """One entry per validation: stage, step, steps, recon, average, psnr."""
    seconds: float = 0.0
    """Time spent in training steps, over all sessions."""


def save_state(folder: Path, recipe: Recipe, state: TrainingState) -> None:
    """Write the state to `folder`; an older one is replaced by a whole one.

    Raises:
        OutputError: the folder cannot be written to.
    """
    content = dict(vars(state), recipe=recipe.fingerprint())
    write_torch_file(folder / STATE_FILE, content)


def load_state(folder: Path, recipe: Recipe) -> TrainingState:
    """Read the state back.

    Raises:
        TrainingError: there is none, it is damaged, or it belongs to another recipe.
    """
    path = folder / STATE_FILE
    try:
        content = read_torch_file(path)
    except CheckpointError as exc:
        raise TrainingError(f"nothing to resume in {folder}: {exc}") from exc
    known = set(vars(TrainingState())) | {"recipe"}
    if not isinstance(content, dict) or not {"stage", "step", "weights"} <= set(content) <= known:
        raise TrainingError(f"{path} is no training state; choose another output folder")
    if content.pop("recipe", None) != recipe.fingerprint():
        raise TrainingError(
            f"{path} was made by another recipe than {recipe.name!r} as it is now; choose an "
            "empty output folder, or restore the recipe"
        )
    return TrainingState(**content)
