"""`pcsr-edge tune`: the table, the config, mistakes; times are made up."""

from __future__ import annotations

import json
import math

import pytest
from support import rated_bundles

from pcsr_edge.calib.profiling import Summary
from pcsr_edge.cli.tuning import rung_bench
from pcsr_edge.runtime.cache import cache_folder
from pcsr_edge.runtime.ladder import costs, rungs_for
from pcsr_edge.runtime.ladder.cost import Cost, Point
from pcsr_edge.runtime.ladder.cost_table import CostTable
from pcsr_edge.runtime.ladder.machine import describe_machine

MS = {"tiny-pcsr-x4": 40.0, "tiny-plain-x4": 10.0, "bicubic": 1.0}
"""At k = 0; at k = 1 a tenth."""


def milliseconds(rung):
    """Return what a rung takes."""
    return MS[rung.model] * math.pow(0.1, rung.k or 0.0)


@pytest.fixture
def tune(cli, tmp_path, monkeypatch):
    """Return a function that tunes for pictures of 20x10."""
    folder = rated_bundles.ship(tmp_path / "shipped", monkeypatch)
    entries = ({"k": 0.0, "psnr": 31.0}, {"k": 1.0, "psnr": 30.0})
    rated_bundles.rate(folder / "tiny-pcsr-x4", *entries)
    rated_bundles.rate(folder / "tiny-plain-x4", {"psnr": 29.0})
    monkeypatch.setenv("PCSR_EDGE_CACHE", str(tmp_path / "cache"))

    def rough(rung, run_frame):
        point = Point(200, milliseconds(rung))
        return Cost(point, point, "2020-01-02T03:04:05+00:00")

    monkeypatch.setattr(costs, "rough_cost", rough)
    monkeypatch.setattr(costs, "full_cost", lambda rung, run_frame, cost: rough(rung, run_frame))
    monkeypatch.setattr(
        rung_bench.RungBench,
        "measure",
        lambda self, rungs: [Summary.of([milliseconds(rung)] * 5) for rung in rungs],
    )
    return lambda *more: cli("tune", "--size", "20x10", "--threads", "1", *more)


def rows(out):
    """Return the cells of each row by the name of its setting."""
    lines = [line.strip("|").split("|") for line in out.splitlines() if line.startswith("| ")]
    return {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in lines}


def test_table(tune):
    ran = tune("--budget-ms", "20")
    assert ran.code == 0
    found = rows(ran.out)
    assert found["tiny-pcsr-x4 k=0"] == ["31.00", "40.0", "40.0", "25", "too slow"]
    assert found["tiny-pcsr-x4 k=0.375"][0] == "≈30.62"
    assert found["tiny-pcsr-x4 k=0.375"][-1] == "chosen"
    assert found["tiny-plain-x4"][-1] == "beaten"
    assert found["bicubic"][-1] == "fast enough"
    assert "pcsr-edge upscale IN OUT -n tiny-pcsr-x4 -s 4 --k 0.375" in ran.out


def test_fps_is_a_budget(tune):
    assert "chosen: tiny-pcsr-x4 k=0.375" in tune("--fps", "50").out


def test_far_too_slow_rungs_show_what_is_predicted(tune):
    assert rows(tune("--budget-ms", "15").out)["tiny-pcsr-x4 k=0"][1] == "(40)"


def test_config(tune, tmp_path):
    path = tmp_path / "c.json"
    ran = tune("--budget-ms", "20", "-o", path, "--device", "cpu")
    document = json.loads(path.read_text())
    assert document["schema_version"] == 1
    assert document["upscale"] == {
        "model": "tiny-pcsr-x4",
        "scale": 4.0,
        "k": 0.375,
        "precision": "fp32",
        "threads": 1,
        "device": "cpu",
    }
    about = document["about"]
    assert (about["size"], about["budget_ms"], about["psnr_estimated"]) == ([20, 10], 20.0, True)
    assert about["machine"]["threads"] == "1"
    assert str(path) in ran.err


def test_upscale_reads_the_config(tune, cli, save, tmp_path):
    path = tmp_path / "c.json"
    tune("--budget-ms", "20", "-o", path)
    ran = cli("upscale", save("in.png"), tmp_path / "out.png", "--config", path, "--json")
    document = json.loads(ran.out)
    assert ran.code == 0
    assert document["model"]["name"] == "tiny-pcsr-x4"
    assert document["settings"]["k"] == 0.375


def test_json(tune):
    found = json.loads(tune("--budget-ms", "20", "--json").out)
    assert found["chosen"] == "tiny-pcsr-x4 k=0.375"
    assert found["options"]["k"] == 0.375
    verdicts = {rung["rung"]: rung["verdict"] for rung in found["rungs"]}
    assert verdicts["tiny-pcsr-x4 k=0"] == "too slow"
    assert found["size"] == {"width": 20, "height": 10}


def test_costs_are_measured_anew_and_kept(tune):
    rated_bundles.price(dict.fromkeys([rung.name for rung in rungs_for(4, "fp32")], 5e9))
    assert tune("--budget-ms", "20").code == 0
    table = CostTable(describe_machine(1, "onnxruntime-cpu"), cache_folder())
    found = {rung.name: table.get(rung) for rung in rungs_for(4, "fp32")}
    assert found["bicubic"] is not None
    assert found["bicubic"].small == Point(200, 1.0)


def test_nothing_is_fast_enough(tune, tmp_path):
    path = tmp_path / "c.json"
    ran = tune("--budget-ms", "0.5", "-o", path)
    assert ran.code == 1
    assert "nothing keeps 0.5 ms at 20x10; the fastest is bicubic" in ran.err
    assert "too slow" in ran.out
    assert not path.exists()


def test_nothing_is_fast_enough_in_json(tune):
    ran = tune("--budget-ms", "0.5", "--json")
    found = json.loads(ran.out)
    assert (ran.code, found["chosen"], found["options"]) == (1, None, None)


def test_frames_are_really_timed(cli, tmp_path, monkeypatch):
    folder = rated_bundles.ship(tmp_path / "shipped", monkeypatch)
    rated_bundles.rate(folder / "tiny-plain-x4", {"psnr": 29.0})
    monkeypatch.setenv("PCSR_EDGE_CACHE", str(tmp_path / "cache"))
    ran = cli("tune", "--size", "20x10", "--budget-ms", "1e6", "--threads", "1", "--json")
    found = json.loads(ran.out)
    assert found["chosen"] == "tiny-plain-x4"
    assert all(rung["measured_ms"]["n"] >= 10 for rung in found["rungs"])


BAD = {
    "no-size": (("--fps", "5"), 2, "--size"),
    "no-budget": (("--size", "5x5"), 2, "--fps"),
    "both": (("--size", "5x5", "--fps", "5", "--budget-ms", "5"), 2, "not allowed with"),
    "size": (("--size", "5", "--fps", "5"), 2, "is no size"),
    "huge": (("--size", "90000x90000", "--fps", "5"), 2, "too many pixels"),
    "fps": (("--size", "5x5", "--fps", "0"), 2, "is no frame rate"),
    "device": (("--size", "5x5", "--fps", "5", "--device", "trt"), 3, "trt"),
    "image": (("--size", "5x5", "--fps", "5", "--image", "none.png"), 1, "none.png"),
    "folder": (("--size", "5x5", "--fps", "5", "-o", "no/c.json"), 1, "there is no folder no"),
}


@pytest.mark.parametrize(("options", "code", "text"), BAD.values(), ids=BAD.keys())
def test_mistakes_are_one_sentence(cli, options, code, text):
    ran = cli("tune", *options)
    assert (ran.code, ran.out) == (code, "")
    assert text in ran.err.splitlines()[-1]


def test_a_config_is_not_overwritten(tune, tmp_path):
    path = tmp_path / "c.json"
    path.write_text("mine")
    assert tune("--fps", "50", "-o", path).code == 1
    assert path.read_text() == "mine"
