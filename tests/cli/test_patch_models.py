"""`upscale`, `evaluate`, `profile` and `models` with a model that chooses by patch."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from pcsr_edge.cli.main import main


@pytest.fixture(name="calibrated")
def _calibrated(arm, save, tmp_path):
    """Return the folder of a bundle with a table."""
    save("hr/a.png", 96, 80)
    words = ["calibrate", "edge-psnr", str(arm), "--images", str(tmp_path / "hr"), "-q"]
    assert main(words) == 0
    return arm


@pytest.mark.parametrize("words", [(), ("--dry-run",)])
def test_upscale_without_a_table_names_the_command(arm, cli, save, tmp_path, files, words):
    ran = cli("upscale", save("a.png"), tmp_path / "b.png", "-m", arm, *words)
    assert ran.code == 1
    assert "pcsr-edge calibrate edge-psnr" in ran.err
    assert "b.png" not in files()


def test_a_forced_class_needs_no_table(arm, cli, save, tmp_path):
    save("a.png", 40, 36)
    words = ("upscale", tmp_path / "a.png", tmp_path / "b.png", "-m", arm, "--class", "0")
    assert cli(*words, "--dry-run").code == 0
    assert cli(*words).code == 0


def test_upscale_takes_eta_and_writes_the_class_map(calibrated, cli, save, tmp_path):
    save("a.png", 40, 36)
    ran = cli(
        *("upscale", tmp_path / "a.png", tmp_path / "b.png", "-m", calibrated),
        *("--eta", "0", "--halo", "--class-map", tmp_path / "c.png", "--json"),
    )
    assert ran.code == 0
    document = json.loads(ran.out)
    assert (document["settings"]["eta"], document["settings"]["k"]) == (0, None)
    assert document["summary"]["class_fractions"] == [0, 0, 1]
    with Image.open(tmp_path / "b.png") as image, Image.open(tmp_path / "c.png") as classes:
        assert image.size == classes.size == (160, 144)


@pytest.mark.parametrize("words", [("--eta", "-1"), ("--eta", "nan"), ("--k", "1")])
def test_settings_that_make_no_sense_are_refused(calibrated, cli, save, tmp_path, words):
    ran = cli("upscale", save("a.png"), tmp_path / "b.png", "-m", calibrated, *words)
    assert ran.code == 2
    assert "eta" in ran.err


def test_evaluate_measures_each_eta(calibrated, cli, save, tmp_path):
    settings = ("--eta", "0", "--class", "2", "--class", "0", "--k", "1")
    ran = cli("evaluate", tmp_path / "hr", "-m", calibrated, *settings, "--json")
    assert ran.code == 0
    cheap, forced, widest = json.loads(ran.out)["results"]
    assert [row["setting"] for row in (cheap, forced, widest)] == ["eta=0", "class 2", "class 0"]
    assert cheap["mean"]["psnr_db"] == forced["mean"]["psnr_db"]
    assert cheap["mean"]["flops"] == 0 < widest["mean"]["flops"]


def test_models_describes_it(arm, cli):
    ran = cli("models", arm)
    assert ran.code == 0
    assert "arm, 3 classes, rgb" in ran.out
    for part in ("patches", "default eta", "subnet 0", "subnet 1", "interpolation"):
        assert f"\n{part} " in ran.out


def test_models_tells_of_the_table_and_how_to_make_one(arm, cli):
    assert "pcsr-edge calibrate edge-psnr" in cli("models", arm).out
    document = json.loads(cli("models", arm, "--json").out)["models"][0]
    assert (document["table"], "edge-psnr" in document["table_lacks"]) == (None, True)


def test_models_shows_the_table_and_the_curve_over_k(cli):
    text = cli("models", "wbsr-fsrcnn-x4").out
    assert "30 categories, costs by flops, eta weighs PSNR of the picture" in text
    assert "made from" in text
    document = json.loads(cli("models", "wbsr-fsrcnn-x4", "--json").out)["models"][0]
    for point in document["table"]["curve"]:
        line = f"{point['categories']}", f"{point['psnr']:.3f}", f"{point['cost']:.3f}"
        assert any(set(line) <= set(row.split()) for row in text.splitlines())


def test_a_halo_is_counted(calibrated, cli, tmp_path):
    words = ("evaluate", tmp_path / "hr", "-m", calibrated, "--class", "0", "--class", "1")
    plain, wide = (
        [row["mean"] for row in json.loads(cli(*words, *more, "--json").out)["results"]]
        for more in ((), ("--halo",))
    )
    assert plain[0]["flops_share"] == 1
    # Patches of 8 every 6 cells, on 20 x 24 cells: seen are 3 x 8 by 4 x 8.
    manifest = json.loads((calibrated / "bundle.json").read_text())
    per_cell = [cost["flops_per_query"] * 16 for cost in manifest["classes"]]
    assert [row["flops"] for row in plain] == [24 * 32 * cost for cost in per_cell[:2]]
    reach = manifest["receptive_field"]
    down = [(0, 7), (7, 13), (13, 20)]
    across = [(0, 7), (7, 13), (13, 18), (18, 24)]
    seen = [
        sum(min(limit, stop + reach) - max(0, start - reach) for start, stop in spans)
        for spans, limit in ((down, 20), (across, 24))
    ]
    assert [row["flops"] for row in wide] == [seen[0] * seen[1] * cost for cost in per_cell[:2]]
    assert wide[0]["flops_share"] > 1


def test_a_profile_knows_the_table(calibrated, cli, save, tmp_path):
    def graphs():
        words = ("profile", "-m", calibrated, "--size", "24x20", "--iters", "1", "--warmup", "0")
        assert cli(*words, "--json", tmp_path / "p.json", "--overwrite", "--quiet").code == 0
        return json.loads((tmp_path / "p.json").read_text())["cases"][0]["graphs"]

    before = graphs()
    assert graphs() == before
    words = ["calibrate", "edge-psnr", str(calibrated), "--images", str(tmp_path / "hr")]
    assert main([*words, "--bins", "2", "-q"]) == 0
    assert graphs() != before


def test_verify_compares_every_subnet(calibrated, cli):
    ran = cli("verify", calibrated, "--precision", "fp16", "--json")
    assert ran.code == 0
    stages = json.loads(ran.out)["comparisons"][0]["stages"]
    assert {stage["graph"] for stage in stages} == {"subnet_0", "subnet_1"}
