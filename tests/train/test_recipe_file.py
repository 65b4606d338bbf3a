"""Recipe files: the shipped ones, how they are found, and what they may hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable, Dict

import pytest

from pcsr_edge.errors import RecipeError, UnknownRecipeError
from pcsr_edge.models import PCSRConfig, build_network
from pcsr_edge.train import load_recipe, recipe_from_dict, recipe_names

RecipeData = Callable[..., Dict[str, Any]]


def test_shipped_names() -> None:
    assert recipe_names() == [
        "arm-fsrcnn-x4",
        *("esr-cnn-x2", "esr-cnn-x3", "esr-cnn-x4", "esr-max-x2", "esr-max-x3", "esr-max-x4"),
        *("esr-tm-x2", "esr-tm-x3", "esr-tm-x4", "esr-tr-x2", "esr-tr-x3", "esr-tr-x4"),
        *("pcsr-fast-x2", "pcsr-fast-x4-long", "pcsr-fast-x4", "pcsr-fsrcnn-x2", "pcsr-fsrcnn-x4"),
        *("plain-l-x4-long", "plain-l-x4", "plain-m-x4", "plain-s-x4"),
        *("wbsr-ablation-hes-bdloss-x4", "wbsr-ablation-hes-x4", "wbsr-ablation-uniform-x4"),
        "wbsr-fsrcnn-x4",
    ]


@pytest.mark.parametrize("name", recipe_names())
def test_shipped_recipe_is_named_like_its_file_and_describes_a_network(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.name == name
    build_network(recipe.model)
    if isinstance(recipe.model, PCSRConfig):
        assert len(recipe.model.upsamplers) == len(recipe.phases)


PLAIN: Dict[str, Any] = {
    "name": "tiny",
    "method": "plain",
    "scale": 2,
    "model": {"scale": 2, "channels": 4, "layers": 1},
    "phases": [{"steps": 3, "lr": 0.01}],
}


def test_a_plain_recipe_may_have_any_number_of_phases() -> None:
    phases = [{"steps": 3, "lr": 0.01}, {"steps": 1, "lr": 0.001}]
    assert recipe_from_dict({**PLAIN, "phases": phases}, "test").steps() == 4


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"scale": 4}, "scale is 4 and model.scale 2, expected the same"),
        ({"bf16_share": 1.5}, r"bf16_share is 1\.5, expected a number in \[0, 1\]"),
        ({"bf16_share": True}, "bf16_share is True"),
        ({"queries_per_cell": 2}, "queries_per_cell belongs to method 'pcsr', .* 'plain'; remove"),
        ({"loss_recon": 1000.0}, "loss_recon belongs to method 'pcsr'"),
        ({"loss_average": 3.0}, "loss_average belongs to method 'pcsr'"),
        ({"model": {"scale": 2}}, "model: a plain model cannot be described"),
        ({"method": "pcsr"}, "model: a PCSR model cannot be described"),
        ({"method": ["plain"]}, "method is"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_wrong_fields_of_plain_recipes_are_named(fields: Dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        recipe_from_dict({**PLAIN, **fields}, "test")


CASCADE: Dict[str, Any] = {
    "name": "tiny",
    "method": "cascade",
    "scale": 2,
    "model": {"scale": 2, "channels": 4, "trunk_layers": 1, "deep_layers": 2, "block": 8},
    "phases": [{"steps": 3, "lr": 0.01}, {"steps": 2, "lr": 0.01}],
}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"scale": 4}, "scale is 4 and model.scale 2, expected the same"),
        ({"phases": [{"steps": 3, "lr": 0.01}]}, "1 phase, expected two or more"),
        ({"patch": 7}, "patch is 7, expected at least model.block = 8"),
        ({"loss_light": -1}, "loss_light is -1, expected a number, 0 or more"),
        ({"loss_recon": 1000.0}, "loss_recon belongs to method 'pcsr', this is one of 'cascade'"),
        ({"model": {"scale": 2}}, "model: a cascade cannot be described"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_wrong_fields_of_cascade_recipes_are_named(fields: Dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        recipe_from_dict({**CASCADE, **fields}, "test")


def test_the_weight_of_the_light_loss_counts_in_the_fingerprint() -> None:
    prints = {
        recipe_from_dict({**CASCADE, **fields}, "test").fingerprint()
        for fields in ({}, {"loss_light": 0.5}, {"loss_light": 1.0})
    }
    assert len(prints) == 2


def test_a_file_is_read_by_path(tmp_path: Path, recipe_data: RecipeData) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(recipe_data(seed=5)), encoding="utf-8")
    assert load_recipe(path).seed == 5


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(UnknownRecipeError, match="did you mean pcsr-fsrcnn-x4"):
        load_recipe("pcsr-fsrcn-x4")


def test_a_name_like_nothing_lists_ours() -> None:
    with pytest.raises(UnknownRecipeError, match=r"ours are arm-fsrcnn-x4, .*, plain-s-x4"):
        load_recipe("?")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"{", "not valid JSON", id="cut-off"),
        pytest.param(b"\xff\xfe", "not valid JSON", id="not-utf-8"),
        pytest.param(b"[]", "holds a list", id="list"),
        pytest.param(b"{}", "missing field method, model, name, phases, scale", id="empty"),
    ],
)
def test_a_file_that_is_no_recipe(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "r.json").write_bytes(content)
    with pytest.raises(RecipeError, match=message):
        load_recipe(tmp_path / "r.json")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"learning": 1}, "unknown field learning"),
        ({"name": "../up"}, "name is '../up', expected a name"),
        ({"name": ""}, "name is ''"),
        ({"method": "elan"}, "method is 'elan', expected 'pcsr' or 'plain'"),
        (
            {"bf16_share": 0.5},
            "bf16_share belongs to method 'plain' or 'cascade' or 'arm' or 'wbsr', this",
        ),
        ({"single_phases": 1}, "single_phases belongs to method 'edge-sr', this"),
        ({"loss_floor": 0.1}, "loss_floor belongs to method 'edge-sr', this"),
        ({"half_weights": 1}, "half_weights is 1, expected true or false"),
        ({"scale": 1}, "scale is 1, expected a whole number from 2"),
        ({"scale": 2.5}, r"scale is 2\.5"),
        ({"scale": True}, "scale is True"),
        ({"batch": "16"}, "batch is '16'"),
        ({"batch": 0}, "batch is 0"),
        ({"patch": None}, "patch is None"),
        ({"queries_per_cell": 5}, r"queries_per_cell is 5, expected at most scale² = 4"),
        ({"queries_per_cell": -1}, "queries_per_cell is -1"),
        ({"image_sizes": []}, r"image_sizes is \[\]"),
        ({"image_sizes": [1.0, 1.5]}, r"expected numbers in \(0, 1\]"),
        ({"loss_recon": -1}, "loss_recon is -1"),
        ({"loss_average": float("nan")}, "loss_average is nan"),
        ({"betas": [0.9]}, r"betas is \[0\.9\], expected two numbers"),
        ({"betas": [0.9, 1.0]}, "betas is"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": 2**30}, "seed is 1073741824, expected a whole number from 0, below 1073741824"),
        ({"optimizer": "sgd"}, "optimizer is 'sgd', expected 'adam' or 'soap'"),
        ({"optimizer": ["adam"]}, "optimizer is"),
        ({"optimizer": "gauss-newton"}, "optimizer is 'gauss-newton', expected 'adam' or 'soap'"),
        ({"validate_every": 0}, "validate_every is 0"),
        ({"save_every": 0}, "save_every is 0"),
        ({"start_from": "a/b.pth"}, "start_from is 'a/b.pth', expected null or the name"),
        ({"phases": 3}, "phases is 3"),
        ({"phases": [3, 4]}, r"phases is \[3, 4\]"),
        ({"phases": [{"steps": 1, "lr": 1}]}, "1 phases for 2 upsamplers"),
        ({"phases": [{"lr": 1}, {"lr": 1}]}, "phase 0: missing field steps"),
        ({"phases": [{"steps": 0, "lr": 1}] * 2}, "phase 0: steps is 0"),
        ({"phases": [{"steps": 1, "lr": 0}] * 2}, "phase 0: lr is 0"),
        ({"phases": [{"steps": 1, "lr": 1, "optimizer": "soap"}] * 2}, "phase 0: optimizer is"),
        ({"phases": [{"steps": 1, "lr": 1, "batch": -1}] * 2}, "phase 0: batch is -1"),
        ({"phases": [{"steps": 1, "lr": 1, "momentum": 1}] * 2}, "unknown field momentum"),
        ({"model": []}, r"model is \[\], expected an object"),
        ({"model": {}}, "model: a PCSR model cannot be described"),
        ({"model": {"backbone": "edsr"}}, "unknown backbone 'edsr'; known are fsrcnn, carn"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_wrong_fields_are_named(
    recipe_data: RecipeData, fields: Dict[str, Any], message: str
) -> None:
    with pytest.raises(RecipeError, match=message):
        recipe_from_dict(recipe_data(**fields), "test")
