"""`bundle.json` is written as it was read, with what its method needs and no more."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict

import pytest
from support.fake_cascade import FakeCascade
from support.fake_model import FakeModel
from support.fake_plain import FakePlain
from support.fake_supernet import FakeSupernet

from pcsr_edge.errors import BundleError
from pcsr_edge.runtime.bundle import shipped_bundles
from pcsr_edge.runtime.manifest import Quality
from pcsr_edge.runtime.manifest_reader import parse_manifest


def test_a_manifest_survives_writing_and_reading(tmp_path: Path) -> None:
    manifest = FakeModel(0, 3).bundle(tmp_path).manifest
    assert parse_manifest(manifest.to_json(), "x") == manifest


@pytest.fixture(name="dense")
def _dense(tmp_path: Path) -> Dict[str, Any]:
    text = FakeModel(0, dense=True).bundle(tmp_path / "dense").manifest.to_json()
    data: Dict[str, Any] = json.loads(text)
    return data


def test_dense_graphs_may_be_there_or_not(dense: Dict[str, Any], tmp_path: Path) -> None:
    assert not FakeModel(0).bundle(tmp_path / "other").manifest.has_dense_graphs
    assert parse_manifest(json.dumps(dense), "x").has_dense_graphs


@pytest.mark.parametrize("name", ["base", "classifier_dense", "upsampler_1_dense"])
def test_dense_graphs_are_there_together(name: str, dense: Dict[str, Any]) -> None:
    del dense["precisions"]["fp32"][name]
    with pytest.raises(BundleError, match="names the fp32 graphs"):
        parse_manifest(json.dumps(dense), "x")


def test_dense_graphs_know_one_scale(dense: Dict[str, Any]) -> None:
    with pytest.raises(BundleError, match="names the fp32 graphs"):
        parse_manifest(json.dumps({**dense, "scale": "any"}), "x")


def test_a_plain_manifest_survives_writing_and_reading(tmp_path: Path) -> None:
    manifest = FakePlain().bundle(tmp_path).manifest
    assert parse_manifest(manifest.to_json(), "x") == manifest
    assert not manifest.has_classes
    assert len(manifest.classes) == 1


def test_a_cascade_manifest_survives_writing_and_reading(tmp_path: Path) -> None:
    manifest = FakeCascade().bundle(tmp_path).manifest
    assert parse_manifest(manifest.to_json(), "x") == manifest
    assert manifest.has_classes


def test_a_supernet_manifest_survives_writing_and_reading(tmp_path: Path) -> None:
    quality = Quality("Set5", 2, "y", None, 30.0, 0.9, "bicubic", eta=0.5)
    manifest = replace(FakeSupernet().bundle(tmp_path).manifest, quality=(quality,))
    assert parse_manifest(manifest.to_json(), "x") == manifest
    assert manifest.by_patch


def test_a_supernet_that_says_nothing_of_blending_averages_as_in_the_article(
    tmp_path: Path,
) -> None:
    data = json.loads(FakeSupernet().bundle(tmp_path).manifest.to_json())
    assert parse_manifest(json.dumps(data), "x").blend == "ramp"
    del data["blend"]
    assert parse_manifest(json.dumps(data), "x").blend == "mean"
    with pytest.raises(BundleError, match="'blend' is 'max'"):
        parse_manifest(json.dumps({**data, "blend": "max"}), "x")


def test_a_plain_manifest_holds_nothing_of_classes(tmp_path: Path) -> None:
    assert set(json.loads(FakePlain().bundle(tmp_path).manifest.to_json())) == {
        *("schema_version", "name", "method", "scale", "channels", "backbone_flops_per_cell"),
        *("receptive_field", "activation_floats_per_cell", "precisions", "quality", "provenance"),
    }


@pytest.mark.parametrize("name", sorted(shipped_bundles()))
def test_shipped_manifests_are_written_as_they_were_read(name: str) -> None:
    text = (shipped_bundles()[name] / "bundle.json").read_text(encoding="utf-8")
    assert parse_manifest(text, "x").to_json() == text
