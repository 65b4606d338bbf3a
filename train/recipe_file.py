"""Recipe files: JSON, read and checked field by field."""

from __future__ import annotations

import difflib
import json
import math
import re
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Tuple, Type, Union

from pcsr_edge.errors import CheckpointError, RecipeError, UnknownRecipeError
from pcsr_edge.models import METHODS
from pcsr_edge.train.optimizers import GAUSS_NEWTON, OPTIMIZERS
from pcsr_edge.train.recipe import Phase, Recipe
from pcsr_edge.train.recipe_checks import check_together

RECIPE_FOLDER = Path(__file__).parent / "recipes"
FOR_ALL = [name for name in OPTIMIZERS if name != GAUSS_NEWTON]
"""The optimisers that need gradients alone."""


class _Rule(NamedTuple):
    """What a field may hold."""

    expected: str
    holds: Callable[[Any], bool]


def _is_number(value: Any) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return whole or (isinstance(value, float) and math.isfinite(value))


def _whole(least: int, below: float = math.inf) -> _Rule:
    text = f"a whole number from {least}" + ("" if below == math.inf else f", below {below:.0f}")
    return _Rule(text, lambda v: _is_number(v) and isinstance(v, int) and least <= v and v < below)


def _list_of(least: int, holds: Callable[[Any], bool], expected: str) -> _Rule:
    return _Rule(
        expected,
        lambda v: isinstance(v, (list, tuple)) and len(v) >= least and all(map(holds, v)),
    )


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", value) is not None


_ZERO_OR_MORE = _Rule("a number, 0 or more", lambda v: _is_number(v) and v >= 0)
_SHARE = _Rule("a number in [0, 1]", lambda v: _is_number(v) and 0 <= v <= 1)
_RULES: Mapping[str, _Rule] = {
    "name": _Rule("a name of letters, digits, '.', '_' and '-'", _is_name),
    "method": _Rule(" or ".join(map(repr, METHODS)), lambda v: isinstance(v, str) and v in METHODS),
    "scale": _whole(2),
    "model": _Rule("an object", lambda v: isinstance(v, Mapping)),
    "phases": _list_of(1, lambda v: isinstance(v, Mapping), "a list of objects"),
    "start_from": _Rule("null or the name of a model", lambda v: v is None or _is_name(v)),
    "batch": _whole(1),
    "patch": _whole(1),
    "queries_per_cell": _whole(0),
    "image_sizes": _list_of(1, lambda v: _is_number(v) and 0 < v <= 1, "numbers in (0, 1]"),
    "loss_recon": _ZERO_OR_MORE,
    "loss_average": _ZERO_OR_MORE,
    "betas": _Rule(
        "two numbers in [0, 1)",
        lambda v: (
            isinstance(v, (list, tuple))
            and len(v) == 2
            and all(_is_number(beta) and 0 <= beta < 1 for beta in v)
        ),
    ),
    "optimizer": _Rule(
        " or ".join(map(repr, FOR_ALL)), lambda v: isinstance(v, str) and v in FOR_ALL
    ),
    # Random generators are seeded with multiples of it, which must stay below 2**63.
    "seed": _whole(0, 2**30),
    "validate_every": _whole(1),
    "save_every": _whole(1),
    "loss_light": _ZERO_OR_MORE,
    "bf16_share": _SHARE,
    "loss_noise": _ZERO_OR_MORE,
    "balanced_from": _SHARE,
    "difficulty_classes": _whole(1),
    "single_phases": _whole(0),
    "loss_floor": _ZERO_OR_MORE,
    "half_weights": _Rule("true or false", lambda v: isinstance(v, bool)),
}
_ONLY_FOR: Mapping[str, Tuple[str, ...]] = {
    "queries_per_cell": ("pcsr",),
    "loss_recon": ("pcsr",),
    "loss_average": ("pcsr",),
    "loss_light": ("cascade",),
    "bf16_share": ("plain", "cascade", "arm", "wbsr"),
    "loss_noise": ("wbsr",),
    "balanced_from": ("wbsr",),
    "difficulty_classes": ("wbsr",),
    "single_phases": ("edge-sr",),
    "loss_floor": ("edge-sr",),
    "half_weights": ("edge-sr",),
}
"""Fields that mean something for some methods alone: a recipe of another must not hold them."""
_PHASE_RULES: Mapping[str, _Rule] = {
    "steps": _whole(1, 10**9),
    "lr": _Rule("a number above 0", lambda v: _is_number(v) and v > 0),
    "lr_end": _ZERO_OR_MORE,
    "optimizer": _Rule(f"{GAUSS_NEWTON!r}, or nothing", lambda v: v in ("", GAUSS_NEWTON)),
    "batch": _whole(0),
}


def recipe_files() -> Dict[str, Path]:
    """Return name → file of the recipes that come with the package."""
    return {path.stem: path for path in sorted(RECIPE_FOLDER.glob("*.json"))}


def recipe_names() -> List[str]:
    """Return the names of the recipes that come with the package."""
    return list(recipe_files())


def load_recipe(name_or_path: Union[str, Path]) -> Recipe:
    """Read a recipe by file path, or by name where it comes with the package.

    Raises:
        UnknownRecipeError: there is no such file, and none of ours has that name.
        RecipeError: it cannot be read, or a field is missing, unknown or out of range.
    """
    path = _find(str(name_or_path))
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise RecipeError(f"recipe {path} cannot be read: {exc.strerror}") from exc
    except ValueError as exc:
        raise RecipeError(f"recipe {path} is not valid JSON: {exc}") from exc
    if not isinstance(data, dict):
        raise RecipeError(f"recipe {path} holds a {type(data).__name__}, expected an object")
    return recipe_from_dict(data, str(path))


def _find(text: str) -> Path:
    ours = recipe_files()
    if text in ours:
        return ours[text]
    if Path(text).is_file():
        return Path(text)
    near = difflib.get_close_matches(text, ours, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"ours are {', '.join(ours)}"
    raise UnknownRecipeError(f"recipe {text!r} is neither a file nor one of ours; {hint}")


def recipe_from_dict(data: Mapping[str, Any], origin: str) -> Recipe:
    """Check plain data and build a recipe; `origin` names it in errors.

    Raises:
        RecipeError: a field is missing, unknown or out of range.
    """
    _check_fields(data, Recipe, _RULES, f"recipe {origin}")
    _check_method(data, origin)
    phases: Tuple[Mapping[str, Any], ...] = tuple(data["phases"])
    for index, phase in enumerate(phases):
        _check_fields(phase, Phase, _PHASE_RULES, f"recipe {origin}, phase {index}")
    values: Dict[str, Any] = dict(data)
    values["phases"] = tuple(Phase(**phase) for phase in phases)
    for name in ("image_sizes", "betas"):
        if name in values:
            values[name] = tuple(float(v) for v in values[name])
    try:
        values["model"] = METHODS[values["method"]].config(values["model"])
    except CheckpointError as exc:
        raise RecipeError(f"recipe {origin}, model: {exc}") from exc
    recipe = Recipe(**values)
    check_together(recipe, origin)
    return recipe


def _check_fields(
    data: Mapping[str, Any], kind: Type[Any], rules: Mapping[str, _Rule], origin: str
) -> None:
    needed = {f.name for f in fields(kind) if f.default is MISSING}
    for problem, names in (("unknown", set(data) - set(rules)), ("missing", needed - set(data))):
        if names:
            raise RecipeError(f"{origin}: {problem} field {', '.join(sorted(names))}")
    for name, value in data.items():
        if not rules[name].holds(value):
            raise RecipeError(f"{origin}: {name} is {value!r:.80}, expected {rules[name].expected}")


def _check_method(data: Mapping[str, Any], origin: str) -> None:
    for name, methods in _ONLY_FOR.items():
        if name in data and data["method"] not in methods:
            raise RecipeError(
                f"recipe {origin}: {name} belongs to method {' or '.join(map(repr, methods))}, "
                "this is one of "
                f"{data['method']!r}; remove it"
            )
