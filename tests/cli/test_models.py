"""`pcsr-edge models`: the list, the details, damage."""

from __future__ import annotations

import json
import shutil

import pytest

from pcsr_edge.runtime import bundle


@pytest.fixture
def shipped(tiny_bundle, tmp_path, monkeypatch):
    """Return a folder of shipped bundles that holds two copies of the tiny one."""
    for name in ("tiny-pcsr-x4", "tiny-other-x4"):
        shutil.copytree(tiny_bundle, tmp_path / "shipped" / name)
    monkeypatch.setattr(bundle, "SHIPPED_FOLDER", tmp_path / "shipped")
    return tmp_path / "shipped"


def add_quality(folder):
    path = folder / "bundle.json"
    manifest = json.loads(path.read_text())
    common = {"data": "Set5", "scale": 4, "channel": "y", "ssim": 0.8, "protocol": "bicubic"}
    manifest["quality"] = [
        {**common, "k": 1.0, "psnr": 29.0},
        {**common, "k": 0.0, "psnr": 30.9},
        {**common, "k": None, "force_class": 1, "psnr": 27.0},
    ]
    path.write_text(json.dumps(manifest))


def test_every_shipped_model_has_a_line(shipped, cli):
    ran = cli("models")
    assert ran.code == 0
    assert ran.out.splitlines()[0].split() == [
        *("model", "method", "scale", "classes", "k", "size", "PSNR"),
    ]
    assert ran.out.count("tiny-pcsr-x4  ") == 2


def test_quality_at_the_default_k_is_shown(shipped, cli):
    add_quality(shipped / "tiny-pcsr-x4")
    assert "Set5 Y 30.90 dB" in cli("models").out


def test_no_models_is_said(tmp_path, cli, monkeypatch):
    monkeypatch.setattr(bundle, "SHIPPED_FOLDER", tmp_path)
    ran = cli("models")
    assert ran.code == 0
    assert "-m" in ran.out


def test_json_lists_the_models(shipped, cli):
    document = json.loads(cli("models", "--json").out)
    assert next(iter(document)) == "schema_version"
    assert [m["classes"] for m in document["models"]] == [2, 2]


def test_damaged_model_does_not_hide_the_others(shipped, cli):
    (shipped / "tiny-other-x4" / "bundle.json").write_text("{")
    ran = cli("models")
    assert ran.code == 1
    assert "tiny-pcsr-x4" in ran.out
    assert "tiny-other-x4" in ran.err


def test_details_of_a_folder(tiny_bundle, cli):
    ran = cli("models", tiny_bundle)
    assert ran.code == 0
    assert "all hashes right" in ran.out
    assert "upsampler 1" in ran.out


def test_details_show_the_measured_quality(shipped, cli):
    add_quality(shipped / "tiny-pcsr-x4")
    out = cli("models", "tiny-pcsr-x4").out
    assert ["Set5", "Y", "x4", "k=1", "29.00", "0.8000"] in [
        row.split() for row in out.splitlines()
    ]
    assert ["Set5", "Y", "x4", "class", "1", "27.00", "0.8000"] in [
        row.split() for row in out.splitlines()
    ]
    assert "protocol: bicubic" in out


def test_details_as_json(tiny_bundle, cli):
    (model,) = json.loads(cli("models", tiny_bundle, "--json").out)["models"]
    assert model["damage"] == []
    assert set(model["graphs"]) == {"fp32", "fp16"}


def test_wrong_hash_is_damage(shipped, cli):
    with (shipped / "tiny-pcsr-x4" / "backbone.fp16.onnx").open("ab") as file:
        file.write(b"\0")
    ran = cli("models", "tiny-pcsr-x4")
    assert ran.code == 1
    assert "backbone.fp16.onnx" in ran.err


def test_unknown_model_suggests_the_nearest(shipped, cli):
    ran = cli("models", "tiny-pcsr-x2")
    assert ran.code == 2
    assert "did you mean tiny-pcsr-x4" in ran.err
