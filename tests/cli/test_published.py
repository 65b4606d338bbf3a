"""`pcsr-edge models --published`: the table, JSON, CSV, the plot, mistakes."""

from __future__ import annotations

import csv
import io
import json
import sys

import numpy as np
import pytest
from PIL import Image

from pcsr_edge.installation import advice, install_command
from pcsr_edge.runtime.published import CITATION

ONE = ("models", "--published", "--device", "agx", "-s", "2")


def test_the_table_says_whose_numbers_they_are(cli):
    out = cli(*ONE).out
    assert "agx (NVIDIA Jetson AGX Xavier), x2: 10 of 395 models" in out
    assert "not measured by us" in out
    assert " ".join(out.split()).endswith(CITATION)


def test_the_best_comes_first_and_is_marked(cli):
    lines = cli(*ONE, "--limit", "2").out.splitlines()
    assert lines[4].split() == [
        *("FSRCNN_s2_D56_S12_M4", "*", "36.74", "0.9535", "2.42", "5.6", "12,644"),
    ]


def test_all_can_be_shown(cli):
    out = cli(*ONE, "--limit", "0").out
    assert out.count("_s2_") == 395 - 1  # Bicubic_s2 has no more parts
    assert "x2: 395 models" in out


def test_a_wish_for_speed_filters(cli):
    out = cli(*ONE, "--min-fps", "30", "--pareto", "--sort", "fps").out
    assert [line.split()[0] for line in out.splitlines() if "_s2" in line] == [
        *("eSR-MAX_s2_K3_C1", "eSR-MAX_s2_K3_C3", "eSR-MAX_s2_K3_C5", "eSR-MAX_s2_K3_C6"),
    ]


def test_nothing_left_is_said(cli):
    ran = cli(*ONE, "--min-fps", "1000")
    assert ran.code == 0
    assert "no published measurement is left" in ran.out


def test_nothing_left_is_an_empty_list(cli):
    assert json.loads(cli(*ONE, "--min-fps", "1000", "--json").out)["measurements"] == []


def test_json_holds_every_number(cli):
    document = json.loads(cli(*ONE, "--family", "bicubic", "--json").out)
    assert document["source"] == CITATION
    (entry,) = document["measurements"]
    assert (entry["model"], entry["full_hd_fps"], entry["power_mw"]) == ("Bicubic_s2", 18.72, 1550)
    assert entry["psnr_db"]["Set14"] == 30.286
    assert entry["pareto"] is True


def test_json_is_whole_unless_limited(cli):
    assert len(json.loads(cli(*ONE, "--json").out)["measurements"]) == 395
    assert len(json.loads(cli(*ONE, "--json", "--limit", "3").out)["measurements"]) == 3


def test_csv_has_a_line_per_device_and_model(cli, tmp_path):
    ran = cli("models", "--published", "-s", "4", "--csv", tmp_path / "all.csv")
    assert ran.code == 0, ran.err
    rows = list(csv.DictReader(io.StringIO((tmp_path / "all.csv").read_text())))
    assert len(rows) == 3 * 395
    assert {row["device"] for row in rows} == {"agx", "rpi400", "gtx1080"}
    assert {row["power_mw"] for row in rows if row["device"] == "rpi400"} == {""}


def test_the_plot_is_a_picture(cli, tmp_path):
    pytest.importorskip("matplotlib")
    ran = cli(*ONE, "--plot", tmp_path / "one.png")
    assert ran.code == 0, ran.err
    with Image.open(tmp_path / "one.png") as picture:
        assert len(picture.convert("RGB").getcolors(2**24)) > 50


def test_the_plot_grows_with_its_panels(cli, tmp_path):
    pytest.importorskip("matplotlib")
    cli("models", "--published", "-s", "2", "-s", "3", "--plot", tmp_path / "six.png")
    with Image.open(tmp_path / "six.png") as picture:
        assert picture.width > 1.5 * picture.height


def test_legend_and_citation_of_one_device_are_not_cut(cli, tmp_path):
    pytest.importorskip("matplotlib")
    cli("models", "--published", "--device", "agx", "--plot", tmp_path / "agx.png")
    with Image.open(tmp_path / "agx.png") as image:
        edges = np.asarray(image.convert("L"))[:, [0, 1, -2, -1]]
    assert edges.min() == 255


def test_missing_matplotlib_is_named_with_its_mending(cli, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    ran = cli(*ONE, "--plot", tmp_path / "one.png")
    assert ran.code == 1
    assert advice(install_command("plots")) in ran.err
    assert list(tmp_path.iterdir()) == []


def test_nothing_left_cannot_be_drawn(cli, tmp_path):
    ran = cli(*ONE, "--min-fps", "1000", "--plot", tmp_path / "one.png")
    assert ran.code == 1
    assert "nothing to plot" in ran.err


@pytest.mark.parametrize("option", ["--csv", "--plot"])
def test_existing_files_are_kept(cli, tmp_path, option):
    path = tmp_path / "mine.png"
    path.write_text("mine")
    ran = cli(*ONE, option, path)
    assert ran.code == 1
    assert "--overwrite replaces it" in ran.err
    assert path.read_text() == "mine"


@pytest.mark.parametrize("option", ["--csv", "--plot"])
def test_a_missing_folder_is_named(cli, tmp_path, option):
    ran = cli(*ONE, option, tmp_path / "none" / "a.png")
    assert ran.code == 1
    assert "there is no folder" in ran.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["--published", "--device", "rpi"], "did you mean rpi400", id="device"),
        pytest.param(["--published", "-s", "5"], "they have 2, 3, 4", id="scale"),
        pytest.param(["--published", "bicubic"], "takes no model's name", id="name"),
        pytest.param(["--published", "--plot", "a.jpg"], "must be a .png", id="jpg"),
        pytest.param(["--published", "--min-fps", "0"], "no frame rate; expected more", id="fps"),
        pytest.param(
            ["--published", "--csv", "a.png", "--plot", "a.png"], "both name a.png", id="twice"
        ),
        pytest.param(["--pareto"], "--pareto is for the published", id="pareto-alone"),
        pytest.param(["--min-fps", "3"], "--min-fps is for the published", id="fps-alone"),
    ],
)
def test_mistakes_are_wrong_usage(cli, arguments, message):
    ran = cli("models", *arguments)
    assert ran.code == 2
    assert message in ran.err
