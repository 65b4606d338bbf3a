"""The state of a training run on disk, from which it resumes exactly."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List

from pcsr_edge.models.checkpoint import read_torch_file, write_torch_file
from pcsr_edge.errors import CheckpointError
from pcsr_edge.errors import TrainingError
from pcsr_edge.train.recipe import Recipe

STATE_FILE = "state.pth"


@dataclass
class TrainingState:
    """Where a run stands: `step` steps of phase `stage` are done."""

    stage: int = 0
    step: int = 0
    weights: Dict[str, Any] = field(default_factory=dict)
    optimizer: Dict[str, Any] = field(default_factory=dict)
    """Empty at the start of a phase."""
    history: List[Dict[str, float]] = field(default_factory=list)
    """One entry per validation: stage, step, psnr, recon, average."""
    seconds: float = 0.0
    """Time spent training, over all sessions."""


def save_state(folder: Path, recipe: Recipe, state: TrainingState) -> None:
    """Write the state to `folder` in one step."""
    content = dict(vars(state), recipe=recipe.fingerprint())
    write_torch_file(folder / STATE_FILE, content)


def load_state(folder: Path, recipe: Recipe) -> TrainingState:
    """Read the state back.

    Raises:
        TrainingError: there is none, or it belongs to another recipe.
    """
    path = folder / STATE_FILE
    try:
        content = read_torch_file(path)
    except CheckpointError as exc:
        raise TrainingError(f"nothing to resume in {folder}: {exc}") from exc
    if content.pop("recipe", None) != recipe.fingerprint():
        raise TrainingError(
            f"{path} was made by another recipe than {recipe.name!r} as it is now; choose an "
            "empty output folder, or restore the recipe"
        )
    return TrainingState(**content)
