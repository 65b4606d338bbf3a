"""Which sampler draws the patches of a recipe."""

from __future__ import annotations

from typing import Sequence

from pcsr_edge.train.balanced_sampler import BalancedSampler
from pcsr_edge.train.data import ImagePair, PatchSampler
from pcsr_edge.train.recipe import Recipe


def sampler_for(recipe: Recipe, pairs: Sequence[ImagePair]) -> PatchSampler:
    """Return what draws the patches that `recipe` trains on.

    Raises:
        DataError: no image is as large as a patch.
    """
    size = (recipe.patch, recipe.scale, recipe.seed)
    if recipe.balanced_from == 1:
        return PatchSampler(pairs, *size)
    first = [round(recipe.balanced_from * phase.steps) for phase in recipe.phases]
    return BalancedSampler(pairs, *size, recipe.difficulty_classes, first)
