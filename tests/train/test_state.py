"""The state on disk: complete, and refused where it does not belong."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Dict

import pytest
import torch

from pcsr_edge.errors import TrainingError
from pcsr_edge.models.files import read_torch_file, write_torch_file
from pcsr_edge.train import Recipe, TrainingState, recipe_from_dict
from pcsr_edge.train.state import STATE_FILE, load_state, save_state


@pytest.fixture
def recipe(recipe_data: Callable[..., Dict[str, Any]]) -> Recipe:
    """Return a small recipe."""
    return recipe_from_dict(recipe_data(), "test")


def test_every_field_comes_back(tmp_path: Path, recipe: Recipe) -> None:
    state = TrainingState(1, 7, {"w": torch.ones(2)}, {"state": {}}, [{"psnr": 30.5}], 1.5)
    save_state(tmp_path, recipe, state)
    loaded = load_state(tmp_path, recipe)
    assert torch.equal(loaded.weights.pop("w"), torch.ones(2))
    assert loaded == TrainingState(1, 7, {}, {"state": {}}, [{"psnr": 30.5}], 1.5)


def test_nothing_to_resume(tmp_path: Path, recipe: Recipe) -> None:
    with pytest.raises(TrainingError, match="nothing to resume"):
        load_state(tmp_path, recipe)


def test_a_damaged_state(tmp_path: Path, recipe: Recipe) -> None:
    (tmp_path / STATE_FILE).write_bytes(b"PK\x03\x04")
    with pytest.raises(TrainingError, match="damaged"):
        load_state(tmp_path, recipe)


def test_another_recipe(
    tmp_path: Path, recipe: Recipe, recipe_data: Callable[..., Dict[str, Any]]
) -> None:
    save_state(tmp_path, recipe_from_dict(recipe_data(batch=3), "other"), TrainingState())
    with pytest.raises(TrainingError, match="made by another recipe than 'tiny'"):
        load_state(tmp_path, recipe)


@pytest.mark.parametrize(
    "change", [{"stage": None}, {"weights": None}, {"extra": 1}], ids=["stage", "weights", "extra"]
)
def test_a_file_that_is_no_state(tmp_path: Path, recipe: Recipe, change: Dict[str, Any]) -> None:
    save_state(tmp_path, recipe, TrainingState())
    content = {**read_torch_file(tmp_path / STATE_FILE), **change}
    kept = {name: value for name, value in content.items() if value is not None}
    write_torch_file(tmp_path / STATE_FILE, kept)
    with pytest.raises(TrainingError, match="is no training state"):
        load_state(tmp_path, recipe)


def test_a_list_is_no_state(tmp_path: Path, recipe: Recipe) -> None:
    write_torch_file(tmp_path / STATE_FILE, [1])
    with pytest.raises(TrainingError, match="is no training state"):
        load_state(tmp_path, recipe)
