"""Which fields of a recipe go together."""

from __future__ import annotations

from pcsr_edge.errors import RecipeError
from pcsr_edge.models import BACKBONES, CascadeConfig, ModelId, PCSRConfig
from pcsr_edge.train.optimizers import GAUSS_NEWTON
from pcsr_edge.train.recipe import Recipe

WITH_KEYS = "eSR-TM", "eSR-TR", "eSR-CNN"
"""The families whose values have keys."""


def check_together(recipe: Recipe, origin: str) -> None:
    """Check what no field alone can tell; `origin` names the recipe in errors.

    Raises:
        RecipeError: fields contradict each other.
    """
    if isinstance(recipe.model, PCSRConfig):
        _check_pcsr(recipe, recipe.model, origin)
    elif recipe.model.scale != recipe.scale:
        raise RecipeError(
            f"recipe {origin}: scale is {recipe.scale} and model.scale {recipe.model.scale}, "
            "expected the same"
        )
    if isinstance(recipe.model, CascadeConfig):
        _check_cascade(recipe, recipe.model, origin)
    _check_gauss_newton(recipe, origin)
    if isinstance(recipe.model, ModelId) and recipe.single_phases:
        _check_single(recipe, recipe.model, origin)


def _check_gauss_newton(recipe: Recipe, origin: str) -> None:
    stages = [i for i, phase in enumerate(recipe.phases) if phase.optimizer == GAUSS_NEWTON]
    single = isinstance(recipe.model, ModelId) and recipe.model.family == "eSR-CNN"
    if stages and (not single or stages[-1] >= recipe.single_phases):
        raise RecipeError(
            f"recipe {origin}, phase {stages[-1]}: optimizer is {GAUSS_NEWTON!r}, expected that in "
            "single phases of eSR-CNN alone"
        )


def _check_single(recipe: Recipe, model: ModelId, origin: str) -> None:
    if model.family not in WITH_KEYS:
        raise RecipeError(
            f"recipe {origin}: single_phases is {recipe.single_phases}, but {model.family} "
            f"has no keys; {', '.join(WITH_KEYS)} have some; remove it"
        )
    if recipe.single_phases >= len(recipe.phases):
        raise RecipeError(
            f"recipe {origin}: single_phases is {recipe.single_phases} of {len(recipe.phases)} "
            "phases, expected fewer, since keys learn in the others"
        )


def _check_cascade(recipe: Recipe, model: CascadeConfig, origin: str) -> None:
    if len(recipe.phases) < 2:
        raise RecipeError(
            f"recipe {origin}: {len(recipe.phases)} phase, expected two or more; the last one "
            "trains the prediction of the gain, those before it the rest"
        )
    if recipe.patch < model.block:
        raise RecipeError(
            f"recipe {origin}: patch is {recipe.patch}, expected at least model.block = "
            f"{model.block}"
        )


def _check_pcsr(recipe: Recipe, model: PCSRConfig, origin: str) -> None:
    classes, phases = len(model.upsamplers), len(recipe.phases)
    if phases != classes:
        raise RecipeError(
            f"recipe {origin}: {phases} phases for {classes} upsamplers, expected one each"
        )
    if recipe.queries_per_cell > recipe.scale**2:
        raise RecipeError(
            f"recipe {origin}: queries_per_cell is {recipe.queries_per_cell}, expected at most "
            f"scale² = {recipe.scale**2}"
        )
    if model.backbone not in BACKBONES.names():
        raise RecipeError(
            f"recipe {origin}: unknown backbone {model.backbone!r}; known are "
            f"{', '.join(BACKBONES.names())}"
        )
