"""The weights that a run begins with, where they are not random."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from pcsr_edge.errors import CheckpointError, TrainingError
from pcsr_edge.models import Cascade, Checkpoint, Network, Plain, load_checkpoint, method_of
from pcsr_edge.models.grafting import graft, graft_deep
from pcsr_edge.train.recipe import Recipe


def begin_with(recipe: Recipe, model: Network, path: Path) -> None:
    """Give `model` the weights of the checkpoint that `recipe` names in its `start_from`.

    Raises:
        CheckpointError: the file is no checkpoint.
        TrainingError: the recipe names none, or the checkpoint holds another model.
    """
    name = _named(recipe, "start_from", recipe.start_from, path)
    checkpoint = load_checkpoint(path)
    # Published checkpoints do not say by which recipe they were made.
    made_by = checkpoint.provenance.get("recipe", name)
    grafted = isinstance(model, Cascade) and made_by == name
    if not grafted and (made_by != name or checkpoint.model.config != recipe.model):
        raise TrainingError(
            f"{path} was made by recipe {made_by!r} and holds {checkpoint.model.config}; "
            f"recipe {recipe.name!r} begins with {name!r} and {recipe.model}"
        )
    if not isinstance(model, Cascade):
        model.load_state_dict(checkpoint.model.state_dict())
        return
    if not isinstance(checkpoint.model, (Plain, Cascade)):
        raise TrainingError(
            f"{path} holds a network of method {method_of(checkpoint.model.config)}; a cascade "
            "begins as one of method plain or cascade"
        )
    try:
        graft(checkpoint.model, model)
    except CheckpointError as exc:
        raise TrainingError(f"{path}: {exc}") from exc


def begin_deep_with(recipe: Recipe, model: Network, path: Path) -> None:
    """Give the deep part the layers of the model that `recipe` names in `start_deep_from`.

    Raises:
        CheckpointError: the file is no checkpoint.
        TrainingError: the recipe names none, or the checkpoint holds another model.
    """
    name = _named(recipe, "start_deep_from", recipe.start_deep_from, path)
    checkpoint = load_checkpoint(path)
    source = _plain(checkpoint, name, path)
    assert isinstance(model, Cascade)
    try:
        graft_deep(source, model)
    except CheckpointError as exc:
        raise TrainingError(f"{path}: {exc}") from exc


def _named(recipe: Recipe, field: str, name: Optional[str], path: Path) -> str:
    if name is None:
        raise TrainingError(
            f"recipe {recipe.name!r} begins with random weights; name a model in its field "
            f'"{field}" to begin with {path}'
        )
    return name


def _plain(checkpoint: Checkpoint, name: str, path: Path) -> Plain:
    made_by = checkpoint.provenance.get("recipe", name)
    if made_by != name or not isinstance(checkpoint.model, Plain):
        raise TrainingError(
            f"{path} was made by recipe {made_by!r} and holds {checkpoint.model.config}; "
            f"the deep part begins with {name!r}, a plain network"
        )
    return checkpoint.model
