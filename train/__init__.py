"""Training: recipes, data, objective and the loop."""

from __future__ import annotations

from pcsr_edge.train.data import ImagePair, PatchSampler, load_pairs
from pcsr_edge.errors import DataError, RecipeError, TrainingError
from pcsr_edge.train.loop import Trainer
from pcsr_edge.train.recipe import Phase, Recipe, load_recipe, recipe_from_dict, recipe_names

__all__ = [
    "DataError",
    "ImagePair",
    "PatchSampler",
    "Phase",
    "Recipe",
    "RecipeError",
    "Trainer",
    "TrainingError",
    "load_pairs",
    "load_recipe",
    "recipe_from_dict",
    "recipe_names",
]
