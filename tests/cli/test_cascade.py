"""The commands with a model whose classes are those of blocks."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image


def test_upscale_takes_k_and_writes_the_class_map(tiny_cascade, cli, save, tmp_path):
    save("a.png", 40, 36)
    ran = cli(
        *("upscale", tmp_path / "a.png", tmp_path / "b.png", "-m", tiny_cascade),
        *("--k", "0.5", "--class-map", tmp_path / "c.png", "--json"),
    )
    assert ran.code == 0
    document = json.loads(ran.out)
    assert document["settings"]["k"] == 0.5
    assert sum(document["summary"]["class_fractions"]) == pytest.approx(1)
    with Image.open(tmp_path / "b.png") as image, Image.open(tmp_path / "c.png") as classes:
        assert image.size == classes.size == (160, 144)


def test_tiles_change_nothing(tiny_cascade, cli, save, tmp_path):
    save("a.png", 40, 36)
    pictures = []
    for name, tile in (("b.png", "off"), ("c.png", "16")):
        ran = cli("upscale", tmp_path / "a.png", tmp_path / name, "-m", tiny_cascade, "-t", tile)
        assert ran.code == 0
        with Image.open(tmp_path / name) as image:
            pictures.append(np.asarray(image))
    np.testing.assert_array_equal(*pictures)


def test_another_scale_is_refused_once(tiny_cascade, cli, save, files):
    inputs = ("-i", save("a.png"), "-i", save("b.png"))
    ran = cli("upscale", *inputs, "-m", tiny_cascade, "-s", "2")
    assert ran.code == 2
    assert ran.err.count("error") == 1
    assert "trained for scale 4" in ran.err
    assert files() == ["a.png", "b.png"]


def test_evaluate_measures_each_k(tiny_cascade, cli, save, tmp_path):
    save("hr/a.png", 160, 144)
    settings = ("--k=-9", "--k", "9", "--class", "1")
    ran = cli("evaluate", tmp_path / "hr", "-m", tiny_cascade, *settings, "--json")
    assert ran.code == 0
    heavy, light, forced = json.loads(ran.out)["results"]
    assert heavy["mean"]["flops"] > light["mean"]["flops"] > forced["mean"]["flops"]
    assert light["mean"]["psnr_db"] == forced["mean"]["psnr_db"]


def test_models_describes_it(tiny_cascade, cli):
    ran = cli("models", tiny_cascade)
    assert ran.code == 0
    assert "cascade, 2 classes, rgb" in ran.out
    for part in ("trunk", "classifier", "class 0", "class 1"):
        assert f"\n{part} " in ran.out
