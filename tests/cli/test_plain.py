"""The commands with a model without classes."""

from __future__ import annotations

import json
import shutil

import pytest
from PIL import Image

from pcsr_edge.cli.health.bundles import damage_of_shipped
from pcsr_edge.runtime import bundle


@pytest.fixture
def shipped(tiny_bundle, tiny_plain, tmp_path_factory, monkeypatch):
    """Let the tiny bundles of both methods be the models that come along."""
    folder = tmp_path_factory.mktemp("shipped")
    for path in (tiny_bundle, tiny_plain):
        shutil.copytree(path, folder / path.name)
    monkeypatch.setattr(bundle, "SHIPPED_FOLDER", folder)
    return folder


def test_upscale_takes_the_trained_scale(tiny_plain, cli, save, tmp_path):
    ran = cli("upscale", save("a.png"), tmp_path / "b.png", "-m", tiny_plain, "--json")
    assert ran.code == 0
    document = json.loads(ran.out)
    assert document["settings"]["scale"] == 4
    assert document["settings"]["k"] is None
    assert document["summary"]["class_fractions"] == [1.0]
    with Image.open(tmp_path / "b.png") as image:
        assert image.size == (48, 40)


def test_upscale_names_its_output_after_the_scale(tiny_plain, cli, save, files):
    assert cli("upscale", save("a.png"), "-m", tiny_plain, "-s", "4").code == 0
    assert files() == ["a.png", "a_x4.png"]


@pytest.mark.parametrize("option", [("-s", "2"), ("-s", "0.01"), ("--k", "0.5"), ("--adaptive",)])
def test_upscale_refuses_once_for_all_pictures(tiny_plain, cli, save, files, option):
    ran = cli("upscale", "-i", save("a.png"), "-i", save("b.png"), "-m", tiny_plain, *option)
    assert ran.code == 2
    assert ran.err.count("error") == 1
    assert files() == ["a.png", "b.png"]


def test_another_size_names_the_trained_scale(tiny_plain, cli, save):
    ran = cli("upscale", save("a.png"), "-m", tiny_plain, "--size", "30x30")
    assert ran.code != 0
    assert "trained for scale 4" in ran.err


def test_evaluate_measures_it_once_beside_others(shipped, cli, save, tmp_path):
    save("hr/a.png", 40, 36)
    models = ("-n", "tiny-pcsr-x4", "-n", "tiny-plain-x4")
    ran = cli("evaluate", tmp_path / "hr", *models, "--k", "0", "--k", "1", "--json")
    assert ran.code == 0
    rows = json.loads(ran.out)["results"]
    assert [(row["model"], row["setting"]) for row in rows] == [
        ("tiny-pcsr-x4", "k=0"),
        ("tiny-pcsr-x4", "k=1"),
        ("tiny-plain-x4", "default"),
    ]
    # 3 → 4, 4 → 4 and 4 → 48 of 3x3 on 10 x 9 cells.
    assert rows[2]["mean"]["flops"] == 2 * 9 * (3 * 4 + 4 * 4 + 4 * 48) * 90
    assert rows[2]["mean"]["flops_share"] == 1


def test_models_lists_it_without_classes(shipped, cli):
    line = next(row for row in cli("models").out.splitlines() if row.startswith("tiny-plain"))
    assert line.split()[1:5] == ["plain", "x4", "-", "-"]


def test_models_describes_it(tiny_plain, cli):
    ran = cli("models", tiny_plain)
    assert ran.code == 0
    assert "default k" not in ran.out
    assert "network  3,960" in ran.out
    assert "backbone" not in ran.out


def test_models_shows_quality_without_k(shipped, cli):
    path = shipped / "tiny-plain-x4" / "bundle.json"
    manifest = json.loads(path.read_text())
    common = {"data": "Set5", "scale": 4, "channel": "y", "ssim": 0.8, "protocol": "bicubic"}
    manifest["quality"] = [{**common, "k": None, "psnr": 30.9}]
    path.write_text(json.dumps(manifest))
    assert "Set5 Y 30.90 dB" in cli("models").out
    row = ["Set5", "Y", "x4", "-", "30.90", "0.8000"]
    assert row in [line.split() for line in cli("models", "tiny-plain-x4").out.splitlines()]


def test_models_as_json_has_no_k(tiny_plain, cli):
    (model,) = json.loads(cli("models", tiny_plain, "--json").out)["models"]
    assert model["method"] == "plain"
    assert model["default_k"] is None
    assert set(model["graphs"]["fp32"]) == {"network"}


def test_demo_speaks_of_equal_work(tiny_plain, cli, save, tmp_path):
    photo = save("photo.png", 60, 50)
    ran = cli("demo", "-m", tiny_plain, "--photo", photo, "-o", tmp_path / "out")
    assert ran.code == 0
    assert "the same work for every pixel" in ran.out
    assert (tmp_path / "out" / "comparison.png").is_file()


def test_doctor_finds_a_damaged_one(shipped):
    with (shipped / "tiny-plain-x4" / "network.fp16.onnx").open("ab") as file:
        file.write(b"\0")
    damage = damage_of_shipped()
    (message,) = damage["tiny-plain-x4"]
    assert "network.fp16.onnx" in message
    assert damage["tiny-pcsr-x4"] == []
