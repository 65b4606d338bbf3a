"""`pcsr-edge evaluate`: numbers, settings, outputs."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from PIL import Image

from pcsr_edge.runtime.quality import psnr
from pcsr_edge.runtime.resample import crop_to_multiple, downscale


@pytest.fixture
def hr(save, tmp_path):
    """Return a folder of two HR pictures; one is no multiple of 4."""
    save("hr/a.png", 64, 48)
    save("hr/b.png", 50, 41)
    return tmp_path / "hr"


@pytest.fixture
def scores(cli, tiny_bundle, hr):
    """Return a function that evaluates the tiny model and returns the JSON document."""

    def run(*arguments):
        ran = cli("evaluate", hr, "-m", tiny_bundle, "--json", *arguments)
        assert ran.code == 0, ran.err
        return json.loads(ran.out)

    return run


def read(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_mean_is_over_pictures(scores):
    (row,) = scores()["results"]
    values = [picture["psnr_db"]["y"] for picture in row["pictures"]]
    assert [picture["name"] for picture in row["pictures"]] == ["a.png", "b.png"]
    assert row["mean"]["psnr_db"]["y"] == pytest.approx(np.mean(values))


def test_psnr_is_that_of_what_upscale_writes(scores, cli, tiny_bundle, hr, tmp_path):
    whole = crop_to_multiple(read(hr / "b.png"), 4)
    Image.fromarray(downscale(whole, 4)).save(tmp_path / "lr.png")
    cli("upscale", tmp_path / "lr.png", tmp_path / "sr.png", "-m", tiny_bundle)
    measured = scores("--channel", "rgb")["results"][0]["pictures"][1]["psnr_db"]["rgb"]
    assert measured == pytest.approx(psnr(read(tmp_path / "sr.png"), whole, "rgb", 4))


def test_each_setting_is_a_row(scores):
    rows = scores("--k", "0", "--k", "1.5", "--adaptive", "--class", "1", "--bicubic")["results"]
    assert [row["setting"] for row in rows] == ["", "k=0", "k=1.5", "adaptive", "class 1"]


def test_default_setting_is_the_models_k(scores):
    (row,) = scores()["results"]
    assert row["setting"] == "k=0"


def test_bicubic_has_no_classes(scores):
    bicubic = scores("--bicubic")["results"][0]
    assert bicubic["model"] == "bicubic"
    assert bicubic["mean"]["flops_share"] is None


def test_all_heavy_costs_all_flops(scores):
    (row,) = scores("--class", "0")["results"]
    assert row["mean"]["class_fractions"] == [1, 0]
    assert row["mean"]["flops_share"] == pytest.approx(1)


def test_all_light_costs_what_the_manifest_says(scores, tiny_bundle):
    manifest = json.loads((tiny_bundle / "bundle.json").read_text())
    backbone = manifest["backbone_flops_per_cell"]
    heavy, light = (cost["flops_per_query"] for cost in manifest["classes"])
    (row,) = scores("--class", "1")["results"]
    expected = (backbone + 16 * light) / (backbone + 16 * heavy)
    assert row["mean"]["flops_share"] == pytest.approx(expected)


def test_both_channels(scores):
    (row,) = scores("--channel", "both")["results"]
    assert set(row["mean"]["psnr_db"]) == set(row["mean"]["ssim"]) == {"y", "rgb"}


def test_equal_pictures_have_no_number_in_json(cli, tiny_bundle, tmp_path):
    (tmp_path / "hr").mkdir()
    Image.new("RGB", (48, 48), (90, 90, 90)).save(tmp_path / "hr" / "flat.png")
    ran = cli("evaluate", tmp_path / "hr", "-m", tiny_bundle, "--bicubic", "--json")
    assert json.loads(ran.out)["results"][0]["mean"]["psnr_db"]["y"] is None


@pytest.mark.parametrize("name", ["{}.png", "{}x4.png"])
def test_given_lr_pictures_give_the_same_numbers(name, scores, hr, tmp_path):
    (tmp_path / "lr").mkdir()
    for path in hr.iterdir():
        lr = downscale(crop_to_multiple(read(path), 4), 4)
        Image.fromarray(lr).save(tmp_path / "lr" / name.format(path.stem))
    given = scores("--lr-dir", tmp_path / "lr")["results"][0]["mean"]
    assert given == scores()["results"][0]["mean"]


def test_missing_lr_picture(cli, tiny_bundle, hr, save, tmp_path):
    save("lr/a.png", 16, 12)
    ran = cli("evaluate", hr, "-m", tiny_bundle, "--lr-dir", tmp_path / "lr")
    assert ran.code == 1
    assert "b.png" in ran.err


def test_lr_of_another_size(cli, tiny_bundle, hr, save, tmp_path):
    save("lr/a.png", 15, 12)
    ran = cli("evaluate", hr, "-m", tiny_bundle, "--lr-dir", tmp_path / "lr")
    assert ran.code == 1
    assert "do not belong together" in ran.err


def test_picture_too_small_to_measure(cli, tiny_bundle, save, tmp_path):
    save("hr/a.png", 16, 16)
    ran = cli("evaluate", tmp_path / "hr", "-m", tiny_bundle)
    assert ran.code == 1
    assert "a.png" in ran.err


def test_folder_is_missing(cli, tiny_bundle, tmp_path):
    assert cli("evaluate", tmp_path / "nowhere", "-m", tiny_bundle).code == 1


def test_unknown_class(cli, tiny_bundle, hr):
    assert cli("evaluate", hr, "-m", tiny_bundle, "--class", "7").code == 2


def test_table_states_the_protocol(cli, tiny_bundle, hr):
    out = cli("evaluate", hr, "-m", tiny_bundle, "--bicubic").out
    assert "MATLAB-style bicubic" in out
    assert "4 pixels shaved" in out
    assert "tiny-pcsr-x4  x4     k=0" in out


def test_csv_holds_the_means(scores, tmp_path):
    document = scores("--csv", tmp_path / "scores.csv", "--bicubic")
    with (tmp_path / "scores.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["model"] for row in rows] == ["bicubic", "tiny-pcsr-x4"]
    mean = document["results"][1]["mean"]["psnr_db"]["y"]
    assert float(rows[1]["psnr_y_db"]) == pytest.approx(mean, abs=1e-4)


def test_csv_without_a_folder_is_refused_before_the_work(cli, tiny_bundle, hr, tmp_path):
    ran = cli("evaluate", hr, "-m", tiny_bundle, "--csv", tmp_path / "no" / "scores.csv")
    assert ran.code == 1
    assert ran.out == ""


def test_set5_bicubic_as_published(cli, tiny_bundle, shared_data):
    folder = shared_data / "test" / "set5" / "x4" / "HR"
    ran = cli("evaluate", folder, "-m", tiny_bundle, "--bicubic", "--channel", "both", "--json")
    bicubic = json.loads(ran.out)["results"][0]["mean"]["psnr_db"]
    assert bicubic == {"y": pytest.approx(28.43, abs=0.01), "rgb": pytest.approx(26.70, abs=0.01)}
