"""`pcsr-edge upscale` with a time budget: what is taken, said and refused."""

from __future__ import annotations

import json

import pytest
from support import rated_bundles

MS = {"tiny-pcsr-x4 k=0": 1e6, "tiny-plain-x4": 1e5, "bicubic": 1e3}
"""Per megapixel; the pictures have 120 pixels: 120, 12 and 0.12 ms."""


@pytest.fixture
def upscale(cli, save, tmp_path, monkeypatch):
    """Return a function that runs `upscale` on a picture; costs are in the cache."""
    folder = rated_bundles.ship(tmp_path / "shipped", monkeypatch)
    rated_bundles.rate(folder / "tiny-pcsr-x4", {"k": 0.0, "psnr": 31.0})
    rated_bundles.rate(folder / "tiny-plain-x4", {"psnr": 30.0})
    monkeypatch.setenv("PCSR_EDGE_CACHE", str(tmp_path / "cache"))
    rated_bundles.price(MS)

    def run(*arguments):
        out = tmp_path / "out.png"
        common = ("--threads", "1", "--overwrite", "--no-progress")
        return cli("upscale", save("in.png"), out, *common, *arguments)

    return run


@pytest.mark.parametrize(
    ("option", "rung"),
    [
        (("--fps", "5"), "tiny-pcsr-x4 k=0"),
        (("--fps", "50"), "tiny-plain-x4"),
        (("--budget-ms", "20"), "tiny-plain-x4"),
        (("--budget-ms", "1"), "bicubic"),
        (("-n", "auto"), "tiny-pcsr-x4 k=0"),
        (("-n", "auto", "--fps", "50"), "tiny-plain-x4"),
    ],
)
def test_the_best_rung_that_fits_is_taken(upscale, option, rung):
    ran = upscale(*option, "--json")
    assert ran.code == 0
    (entry,) = json.loads(ran.out)["files"]
    assert entry["rung"] == rung
    assert set(entry["times_ms"]) == {"read", "choose", "upscale", "write"}
    assert entry["output_size"] == {"width": 48, "height": 40}


@pytest.mark.parametrize(
    ("budget", "rung", "heavy"),
    [
        ("52.2", "tiny-pcsr-x4 30% heavy", 0.3),
        ("120", "tiny-pcsr-x4 100% heavy", 1.0),
        ("12.1", "tiny-pcsr-x4 0% heavy", 0.0),
        ("11", "bicubic", None),
    ],
)
def test_a_named_model_with_classes_gets_the_work_that_fits(upscale, budget, rung, heavy):
    # 12, 24, 120 and 108 ms for a picture at 0, 10, 90 and 100 % of the work.
    rated_bundles.price_work("tiny-pcsr-x4", (1e5, 2e5, 10e5, 9e5))
    ran = upscale("-n", "tiny-pcsr-x4", "--budget-ms", budget, "--json")
    assert ran.code == 0, ran.err
    (entry,) = json.loads(ran.out)["files"]
    assert entry["rung"] == rung
    if heavy is not None:
        assert heavy - 0.05 <= entry["class_fractions"][0] <= heavy
    assert json.loads(ran.out)["summary"]["over_budget"] in (0, 1)


def test_the_choice_is_said_on_stderr(upscale):
    ran = upscale("--fps", "50")
    assert "12x10: tiny-plain-x4" in ran.err
    assert "12 ms expected, 20 ms wanted" in ran.err
    assert "tiny-plain-x4 on onnxruntime-cpu" in ran.out


def test_quiet_says_nothing(upscale):
    ran = upscale("--fps", "50", "-q")
    assert (ran.out, ran.err) == ("", "")


def test_verbose_shows_what_was_considered(upscale):
    rows = [line.split() for line in upscale("--fps", "50", "-v").err.splitlines()]
    assert ["tiny-pcsr-x4", "k=0", "31.00", "120", "ms", "too", "slow"] in rows
    assert ["tiny-plain-x4", "30.00", "12", "ms", "chosen"] in rows


def test_json_has_the_choice(upscale):
    document = json.loads(upscale("--budget-ms", "20", "--json").out)
    assert document["model"]["name"] == "auto"
    assert document["ladder"]["budget_ms"] == 20
    (choice,) = document["ladder"]["choices"]
    assert choice["size"] == {"width": 12, "height": 10}
    assert (choice["rung"], choice["fits"], choice["psnr_db"]) == ("tiny-plain-x4", True, 30.0)
    assert choice["predicted_ms"] == pytest.approx(12)
    assert [entry["rung"] for entry in choice["considered"]] == [
        "tiny-pcsr-x4 k=0",
        "tiny-plain-x4",
    ]


def test_too_little_time_is_a_warning(upscale):
    ran = upscale("--budget-ms", "0.0001", "--json")
    assert ran.code == 0
    assert ran.err.count("warning") == 1
    assert "nothing is fast enough; bicubic is the fastest" in ran.err
    document = json.loads(ran.out)
    assert document["ladder"]["choices"][0]["fits"] is False
    assert document["summary"]["over_budget"] == 1


def test_pictures_that_took_too_long_are_counted(upscale):
    assert "1 picture took longer than wanted" in upscale("--budget-ms", "0.0001").out
    assert "longer" not in upscale("--budget-ms", "100000").out


def test_a_scale_without_models_is_bicubic_and_said(upscale):
    ran = upscale("-n", "auto", "-s", "2.5")
    assert ran.code == 0
    assert "warning: 12x10: bicubic, since no other model was measured at this scale" in ran.err
    assert "bicubic on numpy" in ran.out


def test_a_named_model_is_no_rung(upscale, tiny_plain):
    document = json.loads(upscale("-n", "tiny-plain-x4", "--json").out)
    assert document["ladder"] is None
    assert document["files"][0]["rung"] is None
    assert "choose" not in document["files"][0]["times_ms"]


def test_the_same_choice_is_said_once(upscale, cli, save, tmp_path):
    for name, width in (("in/a.png", 12), ("in/b.png", 13), ("in/c.png", 12)):
        save(name, width=width)
    ran = cli(
        *("upscale", tmp_path / "in", "-o", tmp_path / "out"), "--budget-ms", "20", "--threads", "1"
    )
    assert ran.code == 0
    assert ran.err.count("tiny-plain-x4") == 1


def test_a_dry_run_chooses_and_writes_nothing(upscale, files):
    ran = upscale("--fps", "5", "--dry-run")
    assert ran.code == 0
    assert "dry run with auto" in ran.out
    assert "out.png" not in files()


def test_class_maps_follow_the_rung(upscale, tmp_path):
    assert upscale("--fps", "50", "--class-map", tmp_path / "map.png").code == 0
    assert (tmp_path / "map.png").is_file()


BAD = {
    "fps-zero": (("--fps", "0"), "no frame rate"),
    "fps-negative": (("--fps", "-1"), "no frame rate"),
    "fps-nan": (("--fps", "nan"), "not a finite number"),
    "fps-text": (("--fps", "fast"), "not a finite number"),
    "budget-zero": (("--budget-ms", "0"), "no time"),
    "budget-infinite": (("--budget-ms", "inf"), "not a finite number"),
    "fps-and-budget": (("--fps", "5", "--budget-ms", "5"), "not allowed with"),
    "fps-and-k": (("--fps", "5", "--k", "1"), "not allowed with"),
    "fps-and-adaptive": (("--fps", "5", "--adaptive"), "not allowed with"),
    "fps-and-class": (("--fps", "5", "--class", "1"), "not allowed with"),
    "fps-and-model": (("--fps", "5", "-n", "tiny-plain-x4"), "tiny-plain-x4 was named"),
    "budget-and-model": (("--budget-ms", "5", "-n", "tiny-plain-x4"), "--budget-ms chooses"),
    "fps-and-path": (("--fps", "5", "-m", "some/where"), "some/where was named"),
    "auto-and-k": (("-n", "auto", "--k", "1"), "chooses k, eta and classes by itself"),
    "auto-and-adaptive": (("-n", "auto", "--adaptive"), "chooses k, eta and classes"),
    "auto-and-eta": (("-n", "auto", "--eta", "1"), "chooses k, eta and classes"),
    "auto-and-halo": (("-n", "auto", "--halo"), "chooses k, eta and classes"),
    "auto-and-class": (("-n", "auto", "--class", "0"), "chooses k, eta and classes"),
}


@pytest.mark.parametrize(("options", "text"), BAD.values(), ids=BAD.keys())
def test_contradictions_are_wrong_usage(upscale, files, options, text):
    ran = upscale(*options)
    assert ran.code == 2
    assert text in ran.err
    assert "out.png" not in files()


def test_a_device_that_is_not_there_is_never_replaced(upscale):
    assert upscale("--fps", "5", "-d", "cuda").code == 3


@pytest.mark.parametrize("command", [("demo",), ("evaluate", ".")])
def test_other_commands_want_a_model(upscale, cli, save, command, tmp_path, monkeypatch):
    save("hr.png")
    monkeypatch.chdir(tmp_path)
    ran = cli(*command, "-n", "auto")
    assert ran.code == 2
    assert "auto is for upscale" in ran.err
