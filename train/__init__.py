"""Training: recipes, data, objective and the loop."""

from __future__ import annotations

from pcsr_edge.train.data import ImagePair, PatchSampler, load_pairs
from pcsr_edge.train.device import prepare_device
from pcsr_edge.train.loop import Progress, Trainer
from pcsr_edge.train.recipe import Phase, Recipe
from pcsr_edge.train.recipe_file import load_recipe, recipe_from_dict, recipe_names
from pcsr_edge.train.state import TrainingState

__all__ = [
    "ImagePair",
    "PatchSampler",
    "Phase",
    "Progress",
    "Recipe",
    "Trainer",
    "TrainingState",
    "load_pairs",
    "load_recipe",
    "prepare_device",
    "recipe_from_dict",
    "recipe_names",
]
