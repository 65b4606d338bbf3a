"""`pcsr-edge calibrate edge-psnr` and `gradient-map`."""

from __future__ import annotations

import json
import shutil
import sys

import pytest
from PIL import Image
from support.fake_gpu import FakeGPU


@pytest.fixture(name="wbsr")
def _wbsr(data_folder, tmp_path):
    """Return the folder of a small bundle of method wbsr, without a table."""
    return shutil.copytree(data_folder / "tiny-wbsr-x4", tmp_path / "wbsr")


def test_edge_psnr_stores_and_prints_the_table(arm, cli, save, tmp_path):
    save("hr/a.png", 96, 80)
    ran = cli("calibrate", "edge-psnr", arm, "--images", tmp_path / "hr", "--bins", "3", "--json")
    assert ran.code == 0
    document = json.loads(ran.out)
    assert document["kind"] == "edge-psnr"
    assert len(document["table"]["psnr"]) == 3
    stored = json.loads((arm / "edge_psnr.json").read_text())
    assert stored["psnr"] == document["table"]["psnr"]
    assert stored["source"] == {"images": "hr", "pictures": 1, "patches": 12}


def test_gradient_map_stores_and_prints_the_curve_over_k(wbsr, cli, save, tmp_path):
    save("hr/a.png", 96, 80)
    ran = cli("calibrate", "gradient-map", wbsr, "--images", tmp_path / "hr", "--json")
    assert ran.code == 0
    curve = json.loads(ran.out)["table"]["curve"]
    assert [point["categories"] for point in curve] == [5, 10, 20, 30, 50, 100]
    assert json.loads((wbsr / "gradient_map.json").read_text())["curve"] == curve


def test_the_articles_rule_can_be_had(arm, cli, save, tmp_path):
    save("hr/a.png", 96, 80)
    for words, errors in (((), True), (("--rule", "article"), False)):
        ran = cli("calibrate", "edge-psnr", arm, "--images", tmp_path / "hr", *words)
        assert ran.code == 0
        assert ("errors" in json.loads((arm / "edge_psnr.json").read_text())) == errors


def test_costs_can_be_times(arm, cli, save, tmp_path):
    save("hr/a.png", 96, 80)
    ran = cli("calibrate", "edge-psnr", arm, "--images", tmp_path / "hr", "--costs", "time")
    assert ran.code == 0
    stored = json.loads((arm / "edge_psnr.json").read_text())
    assert stored["costs_of"] == "time"
    assert stored["source"]["widest_ms_per_patch"] > 0
    assert "cost (time)" in ran.out


@pytest.mark.parametrize("device", ["trt", "auto"])
def test_times_of_another_device_are_refused(arm, cli, save, tmp_path, monkeypatch, device):
    FakeGPU(monkeypatch)
    save("hr/a.png", 96, 80)
    words = ("--images", tmp_path / "hr", "-d", device, "--costs", "time")
    ran = cli("calibrate", "edge-psnr", arm, *words)
    assert ran.code == 2
    assert f"device {device} is tensorrt" in ran.err
    assert not (arm / "edge_psnr.json").exists()


def test_the_plot_is_a_picture(arm, cli, save, tmp_path):
    pytest.importorskip("matplotlib")
    save("hr/a.png", 96, 80)
    plot = tmp_path / "table.png"
    ran = cli("calibrate", "edge-psnr", arm, "--images", tmp_path / "hr", "--plot", plot)
    assert ran.code == 0
    with Image.open(plot) as image:
        assert image.size == (840, 600)


def test_pictures_without_two_difficulties_leave_the_older_table(wbsr, cli, save, tmp_path):
    save("hr/a.png", 96, 80)
    save("one/a.png", 32, 32)
    assert cli("calibrate", "gradient-map", wbsr, "--images", tmp_path / "hr").code == 0
    before = (wbsr / "gradient_map.json").read_bytes()
    ran = cli("calibrate", "gradient-map", wbsr, "--images", tmp_path / "one")
    assert ran.code == 1
    assert ", 1 of 32 x 32 pixels, have one difficulty" in ran.err
    assert (wbsr / "gradient_map.json").read_bytes() == before


def test_without_matplotlib_a_plot_is_refused_at_once(arm, cli, save, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.setattr("pcsr_edge.calib.patch_samples.sample_patches", None)
    save("hr/a.png", 96, 80)
    words = ("--images", tmp_path / "hr", "--plot", tmp_path / "table.png")
    ran = cli("calibrate", "edge-psnr", arm, *words)
    assert ran.code == 1
    assert "--plot needs matplotlib" in ran.err


def test_pictures_left_out_are_told(arm, cli, save, tmp_path):
    save("hr/a.png", 96, 80)
    save("hr/b.png", 20, 20)
    ran = cli("calibrate", "edge-psnr", arm, "--images", tmp_path / "hr")
    assert ran.code == 0
    assert "left out" in ran.err
    assert "b.png" in ran.err


WRONG = {
    "no-picture": (("edge-psnr", "arm", "--images", "empty"), 1, "no picture"),
    "too-small": (("edge-psnr", "arm", "--images", "small"), 1, "at least 32 pixels"),
    "no-folder": (("edge-psnr", "arm", "--images", "gone"), 1, "gone"),
    "other-method": (("gradient-map", "arm", "--images", "hr"), 2, "is of method arm"),
    "no-bundle": (("edge-psnr", "hr", "--images", "hr"), 1, "is no bundle"),
    "kind": (("edges", "arm", "--images", "hr"), 2, "edges"),
    "bins": (("edge-psnr", "arm", "--images", "hr", "--bins", "0"), 2, "bins"),
    "categories": (("edge-psnr", "arm", "--images", "hr", "--categories", "3"), 2, "gradient-map"),
    "plot": (("edge-psnr", "arm", "--images", "hr", "--plot", "no/a.png"), 1, "does not exist"),
}


@pytest.mark.parametrize(("words", "code", "message"), WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_calibrated_is_one_sentence(
    arm, cli, save, tmp_path, monkeypatch, words, code, message
):
    monkeypatch.chdir(tmp_path)
    save("hr/a.png", 96, 80)
    save("small/a.png", 31, 80)
    (tmp_path / "empty").mkdir()
    before = sorted(path.name for path in arm.iterdir())
    ran = cli("calibrate", *words)
    assert ran.code == code
    assert message in ran.err
    assert ran.err.count("error:") == 1
    assert sorted(path.name for path in arm.iterdir()) == before


@pytest.mark.parametrize(
    ("kind", "option", "owner"),
    [
        ("int8", ("--costs", "time"), "edge-psnr and gradient-map"),
        ("int8", ("--bins", "3"), "edge-psnr"),
        ("edge-psnr", ("--ranges", "both"), "int8"),
        ("gradient-map", ("--overwrite",), "int8"),
        ("edge-psnr", ("--eta", "0"), "gradient-map"),
    ],
)
def test_an_option_of_another_kind_is_refused(arm, cli, tmp_path, kind, option, owner):
    ran = cli("calibrate", kind, arm, "--images", tmp_path, *option)
    assert ran.code == 2
    assert f"{option[0]} is for {owner}; leave it out" in ran.err


def test_a_table_needs_pictures(arm, cli):
    ran = cli("calibrate", "edge-psnr", arm)
    assert ran.code == 2
    assert "--images" in ran.err


def test_a_bundle_that_comes_along_is_left_as_it_is(cli, save, tmp_path):
    save("hr/a.png", 160, 160)
    ran = cli("calibrate", "edge-psnr", "arm-fsrcnn-x4", "--images", tmp_path / "hr")
    assert ran.code == 2
    assert "with -o" in ran.err
