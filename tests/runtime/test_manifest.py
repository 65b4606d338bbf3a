"""`bundle.json` is read back as it was written, and refused when it is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict

import pytest
from support.fake_cascade import FakeCascade
from support.fake_model import FakeModel
from support.fake_plain import FakePlain

from pcsr_edge.errors import BundleError
from pcsr_edge.runtime.bundle import shipped_bundles
from pcsr_edge.runtime.manifest import parse_manifest


@pytest.fixture(name="data")
def _data(tmp_path: Path) -> Dict[str, Any]:
    data: Dict[str, Any] = json.loads(FakeModel(0).bundle(tmp_path).manifest.to_json())
    return data


def test_a_manifest_survives_writing_and_reading(tmp_path: Path) -> None:
    manifest = FakeModel(0, 3).bundle(tmp_path).manifest
    assert parse_manifest(manifest.to_json(), "x") == manifest


def test_quality_is_read(data: Dict[str, Any]) -> None:
    entry = {"data": "Set5", "scale": 4, "channel": "y", "k": 0, "psnr": 30.9, "ssim": 0.8}
    data["quality"] = [{**entry, "protocol": "bicubic"}]
    assert parse_manifest(json.dumps(data), "x").quality[0].psnr == 30.9


WRONG: Dict[str, Dict[str, Any]] = {
    "newer-schema": {"schema_version": 99},
    "schema-is-text": {"schema_version": "1"},
    "unknown-method": {"method": "magic"},
    "scale-zero": {"scale": 0},
    "no-class": {"classes": []},
    "class-without-flops": {"classes": [{}]},
    "negative-flops": {"backbone_flops_per_cell": -1},
    "std-zero": {"normalisation": {"mean": [0, 0, 0], "std": 0}},
    "mean-of-two": {"normalisation": {"mean": [0, 0], "std": 1}},
    "no-fp32": {"precisions": {}},
    "graph-missing": {"precisions": {"fp32": {"backbone": {"file": "a", "sha256": "b"}}}},
    "precisions-is-list": {"precisions": []},
    "quality-without-psnr": {"quality": [{"data": "Set5"}]},
    "name-empty": {"name": ""},
    "k-is-text": {"default_k": "0"},
    "k-is-nan": {"default_k": float("nan")},
    "mean-is-nan": {"normalisation": {"mean": [float("nan"), 0, 0], "std": 1}},
    "unknown-channels": {"channels": "y"},
    "huge-receptive-field": {"receptive_field": 10**9},
    "class-missing": {"classes": [{"flops_per_query": 1}]},
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG.keys())
def test_wrong_fields_are_refused(data: Dict[str, Any], change: Dict[str, Any]) -> None:
    with pytest.raises(BundleError, match="origin"):
        parse_manifest(json.dumps({**data, **change}), "origin")


def test_every_required_field_is_missed(data: Dict[str, Any]) -> None:
    for name in set(data) - {"default_k", "quality", "provenance"}:
        rest = {key: value for key, value in data.items() if key != name}
        with pytest.raises(BundleError, match=name):
            parse_manifest(json.dumps(rest), "origin")


@pytest.fixture(name="plain")
def _plain(tmp_path: Path) -> Dict[str, Any]:
    data: Dict[str, Any] = json.loads(FakePlain().bundle(tmp_path / "p").manifest.to_json())
    return data


def test_a_plain_manifest_survives_writing_and_reading(tmp_path: Path) -> None:
    manifest = FakePlain().bundle(tmp_path).manifest
    assert parse_manifest(manifest.to_json(), "x") == manifest
    assert not manifest.has_classes
    assert len(manifest.classes) == 1


def test_a_plain_manifest_holds_nothing_of_classes(plain: Dict[str, Any]) -> None:
    assert set(plain) == {
        *("schema_version", "name", "method", "scale", "channels", "backbone_flops_per_cell"),
        *("receptive_field", "activation_floats_per_cell", "precisions", "quality", "provenance"),
    }


WRONG_PLAIN: Dict[str, Dict[str, Any]] = {
    "any-scale": {"scale": "any"},
    "scale-one": {"scale": 1},
    "graph-missing": {"precisions": {"fp32": {"backbone": {"file": "a", "sha256": "b"}}}},
}


@pytest.mark.parametrize("change", WRONG_PLAIN.values(), ids=WRONG_PLAIN.keys())
def test_wrong_fields_of_plain_are_refused(plain: Dict[str, Any], change: Dict[str, Any]) -> None:
    with pytest.raises(BundleError, match="origin"):
        parse_manifest(json.dumps({**plain, **change}), "origin")


def test_every_required_field_of_plain_is_missed(plain: Dict[str, Any]) -> None:
    for name in set(plain) - {"quality", "provenance"}:
        rest = {key: value for key, value in plain.items() if key != name}
        with pytest.raises(BundleError, match=name):
            parse_manifest(json.dumps(rest), "origin")


@pytest.fixture(name="cascade")
def _cascade(tmp_path: Path) -> Dict[str, Any]:
    data: Dict[str, Any] = json.loads(FakeCascade().bundle(tmp_path / "c").manifest.to_json())
    return data


def test_a_cascade_manifest_survives_writing_and_reading(tmp_path: Path) -> None:
    manifest = FakeCascade().bundle(tmp_path).manifest
    assert parse_manifest(manifest.to_json(), "x") == manifest
    assert manifest.has_classes


WRONG_CASCADE: Dict[str, Dict[str, Any]] = {
    "any-scale": {"scale": "any"},
    "one-class": {"classes": [{"flops_per_query": 1}]},
    "no-block": {"block": 0},
    "margin-beyond-radius": {"margin": 9},
    "graph-missing": {"precisions": {"fp32": {"trunk": {"file": "a", "sha256": "b"}}}},
}


@pytest.mark.parametrize("change", WRONG_CASCADE.values(), ids=WRONG_CASCADE.keys())
def test_wrong_fields_of_cascade_are_refused(
    cascade: Dict[str, Any], change: Dict[str, Any]
) -> None:
    with pytest.raises(BundleError, match="origin"):
        parse_manifest(json.dumps({**cascade, **change}), "origin")


def test_every_required_field_of_cascade_is_missed(cascade: Dict[str, Any]) -> None:
    for name in set(cascade) - {"default_k", "quality", "provenance"}:
        rest = {key: value for key, value in cascade.items() if key != name}
        with pytest.raises(BundleError, match=name):
            parse_manifest(json.dumps(rest), "origin")


def test_quality_without_k_is_read(plain: Dict[str, Any]) -> None:
    entry = {"data": "Set5", "scale": 4, "channel": "y", "k": None, "psnr": 30.9, "ssim": 0.8}
    plain["quality"] = [{**entry, "protocol": "bicubic"}]
    assert parse_manifest(json.dumps(plain), "x").quality[0].k is None


@pytest.mark.parametrize("name", sorted(shipped_bundles()))
def test_shipped_manifests_are_written_as_they_were_read(name: str) -> None:
    text = (shipped_bundles()[name] / "bundle.json").read_text(encoding="utf-8")
    assert parse_manifest(text, "x").to_json() == text


@pytest.mark.parametrize("text", ["", "{", "[]", "3"], ids=["empty", "cut", "list", "number"])
def test_text_that_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(BundleError, match="origin"):
        parse_manifest(text, "origin")
