"""Recipes: what to train and how, as JSON files."""

from __future__ import annotations

import hashlib
import json
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Tuple, Union

from pcsr_edge.models import PCSRConfig
from pcsr_edge.errors import RecipeError

RECIPE_FOLDER = Path(__file__).parent / "recipes"


@dataclass(frozen=True)
class Phase:
    """One stage of the multi-stage training (PCSR, section 3.3)."""

    steps: int
    """Optimiser steps."""
    lr: float
    """Learning rate at the start; it falls along a cosine to `lr_end`."""
    lr_end: float = 1e-7
    """Learning rate at the end."""


@dataclass(frozen=True)
class Recipe:
    """A training run; phase j of `phases` trains upsampler j (phase 0 also the backbone)."""

    name: str
    """Name of the model that comes out."""
    method: str
    """Always `pcsr` so far."""
    scale: int
    """Integer magnification."""
    model: PCSRConfig
    """The network."""
    phases: Tuple[Phase, ...]
    """One per upsampler."""
    start_from: Optional[str] = None
    """Checkpoint (relative to the recipe or to the output folder's parent) to begin with."""
    batch: int = 16
    """Patches per step."""
    patch: int = 32
    """LR pixels along each side of a patch."""
    queries_per_cell: int = 0
    """Random phases evaluated per patch and step; 0 means all scale² of them."""
    image_sizes: Tuple[float, ...] = (1.0,)
    """Each training image is used at these magnifications of itself (≤ 1)."""
    loss_recon: float = 1000.0
    """Weight w_r of the reconstruction loss."""
    loss_average: float = 3.0
    """Weight w_a of the average (class balance) loss."""
    betas: Tuple[float, float] = (0.9, 0.99)
    """Of Adam."""
    seed: int = 0
    """Every random choice derives from it and from the step's number."""
    validate_every: int = 2000
    """Steps between two validations."""
    save_every: int = 500
    """Steps between two saved states."""

    def fingerprint(self) -> str:
        """Return a short hash of everything that decides the result."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def recipe_names() -> List[str]:
    """Return the names of the recipes that come with the package."""
    return sorted(path.stem for path in RECIPE_FOLDER.glob("*.json"))


def load_recipe(name_or_path: Union[str, Path]) -> Recipe:
    """Read a recipe by file path, or by name where it comes with the package.

    Raises:
        RecipeError: it does not exist or a field is missing, unknown or out of range.
    """
    path = Path(name_or_path)
    if not path.is_file():
        path = RECIPE_FOLDER / f"{name_or_path}.json"
    if not path.is_file():
        raise RecipeError(
            f"recipe {str(name_or_path)!r} is neither a file nor one of ours: {', '.join(recipe_names())}"
        )
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as exc:
        raise RecipeError(f"recipe {path} is not valid JSON: {exc}") from exc
    if not isinstance(data, dict):
        raise RecipeError(f"recipe {path} holds a {type(data).__name__}, expected an object")
    return recipe_from_dict(data, str(path))


def recipe_from_dict(data: Mapping[str, Any], origin: str) -> Recipe:
    """Check plain data and build a recipe; `origin` names it in errors.

    Raises:
        RecipeError: a field is missing, unknown or out of range.
    """
    known = {f.name for f in fields(Recipe)}
    needed = {f.name for f in fields(Recipe) if f.default is MISSING}
    for problem, names in (("unknown", set(data) - known), ("missing", needed - set(data))):
        if names:
            raise RecipeError(f"recipe {origin}: {problem} field {', '.join(sorted(names))}")
    values: Dict[str, Any] = dict(data)
    try:
        values["model"] = PCSRConfig.from_dict(values["model"])
        values["phases"] = tuple(Phase(**phase) for phase in values["phases"])
        for name in ("image_sizes", "betas"):
            if name in values:
                values[name] = tuple(float(v) for v in values[name])
        recipe = Recipe(**values)
    except (TypeError, ValueError) as exc:
        raise RecipeError(f"recipe {origin}: {exc}") from exc
    _check(recipe, origin)
    return recipe


def _check(recipe: Recipe, origin: str) -> None:
    problems = {
        "method must be 'pcsr'": recipe.method != "pcsr",
        "scale must be at least 2": recipe.scale < 2,
        "batch and patch must be positive": min(recipe.batch, recipe.patch) < 1,
        "there must be one phase per upsampler": len(recipe.phases) != len(recipe.model.upsamplers),
        "steps must be positive": any(phase.steps < 1 for phase in recipe.phases),
        "image_sizes must lie in (0, 1]": not all(0 < s <= 1 for s in recipe.image_sizes),
        "queries_per_cell must lie in 0…scale²": not 0
        <= recipe.queries_per_cell
        <= recipe.scale**2,
    }
    for text, wrong in problems.items():
        if wrong:
            raise RecipeError(f"recipe {origin}: {text}")
