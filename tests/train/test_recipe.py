"""Recipes: their defaults, and the fingerprint that tells them apart."""

from __future__ import annotations

from typing import Any, Callable, Dict

import pytest

from pcsr_edge.train import Phase, load_recipe, recipe_from_dict

RecipeData = Callable[..., Dict[str, Any]]


@pytest.mark.parametrize(
    ("name", "fingerprint"),
    [("pcsr-fsrcnn-x2", "6c0e6d1ce3cd"), ("pcsr-fsrcnn-x4", "9fea593b5a2d")],
)
def test_released_fingerprints_stay(name: str, fingerprint: str) -> None:
    # The shipped weights carry them, and states of those runs could not be resumed any more.
    assert load_recipe(name).fingerprint() == fingerprint


def test_x2_starts_from_x4_with_the_same_network() -> None:
    x2, x4 = load_recipe("pcsr-fsrcnn-x2"), load_recipe("pcsr-fsrcnn-x4")
    assert x2.start_from == x4.name
    assert x2.model == x4.model


def test_defaults_and_phases(recipe_data: RecipeData) -> None:
    recipe = recipe_from_dict(recipe_data(steps=[3, 2]), "test")
    assert recipe.phases == (Phase(3, 0.01, 1e-7), Phase(2, 0.01, 1e-7))
    assert recipe.steps() == 5
    assert recipe.betas == (0.9, 0.99)
    assert recipe.start_from is None


def test_every_field_counts_in_the_fingerprint(recipe_data: RecipeData) -> None:
    changes: Dict[str, Any] = {"seed": 3, "batch": 3, "loss_average": 1.0, "start_from": "other"}
    prints = {recipe_from_dict(recipe_data(**{k: v}), "").fingerprint() for k, v in changes.items()}
    prints.add(recipe_from_dict(recipe_data(), "").fingerprint())
    assert len(prints) == 5


PLAIN: Dict[str, Any] = {
    "name": "tiny",
    "method": "plain",
    "scale": 2,
    "model": {"scale": 2, "channels": 4, "layers": 1},
    "phases": [{"steps": 3, "lr": 0.01}],
}


def test_the_optimizer_counts_in_the_fingerprint() -> None:
    prints = {
        recipe_from_dict({**PLAIN, **fields}, "test").fingerprint()
        for fields in ({}, {"optimizer": "adam"}, {"optimizer": "soap"})
    }
    assert len(prints) == 2


def test_the_share_of_bfloat16_counts_in_the_fingerprint() -> None:
    prints = {
        recipe_from_dict({**PLAIN, **fields}, "test").fingerprint()
        for fields in ({}, {"bf16_share": 0.0}, {"bf16_share": 0.5})
    }
    assert len(prints) == 2


@pytest.mark.parametrize(
    "fields", [{"single_phases": 1}, {"loss_floor": 1e-3}, {"half_weights": True}]
)
def test_what_edge_sr_alone_has_counts_in_the_fingerprint(fields: Dict[str, Any]) -> None:
    edge = {**PLAIN, "method": "edge-sr", "model": {"id": "eSR-TM_s2_K3_C2"}}
    edge["phases"] = [{"steps": 3, "lr": 0.01}] * 2
    absent = {name: type(value)() for name, value in fields.items()}
    prints = [recipe_from_dict({**edge, **f}, "test").fingerprint() for f in ({}, absent, fields)]
    assert prints[0] == prints[1] != prints[2]
