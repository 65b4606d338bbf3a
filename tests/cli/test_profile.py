"""`pcsr-edge profile`: reports, choices, mistakes."""

from __future__ import annotations

import csv
import json
import os
import time

import pytest
from PIL import Image

from pcsr_edge.cli.profiling import session
from pcsr_edge.jetson import Conditions, Sample

QUICK = ("--iters", "2", "--duration", "0", "--warmup", "0", "--threads", "1")


CALM = Conditions(device="Board", cpus=2, clocks_pinned=True, throttled=())
LOOSE = Conditions(device="Board", cpus=2, clocks_pinned=False, governor="ondemand")


class FakeSampler:
    """Sees two readings, whatever the machine does."""

    samples = tuple(Sample(float(t), {"cpu": 40.0 + t}, {"cpu": 2000.0}) for t in range(2))

    def __enter__(self):
        return self

    def __exit__(self, *_details):
        pass

    def joules(self, start, end):
        """Return no energy."""
        return


@pytest.fixture(autouse=True)
def _machine(monkeypatch):
    """Let a quiet machine with pinned clocks be what is asked."""
    monkeypatch.setattr(session, "conditions", lambda: CALM)
    monkeypatch.setattr(session, "Sampler", FakeSampler)


@pytest.fixture
def profile(cli, tiny_bundle):
    """Return a function that profiles the tiny bundle."""
    return lambda *more: cli("profile", "-m", tiny_bundle, "--size", "12x10", *QUICK, *more)


def test_markdown_on_stdout(profile):
    ran = profile()
    assert ran.code == 0
    assert ran.out.startswith("# pcsr-edge profile\n")
    for text in ("- device: Board", "| tiny-pcsr-x4 k=0 |", "| decode ", "| upsampler_1 ", "first"):
        assert text in ran.out


def test_json_file(profile, tmp_path):
    path = tmp_path / "p.json"
    ran = profile("--json", path)
    document = json.loads(path.read_text())
    assert "# pcsr-edge profile" in ran.out
    assert (document["schema_version"], document["command"]) == (1, "profile")
    assert document["command_line"][:2] == ["pcsr-edge", "profile"]
    assert document["conditions"]["before"]["device"] == "Board"
    assert document["software"]["pcsr-edge"]
    (case,) = document["cases"]
    assert (case["size"], case["output_size"]) == ([12, 10], [48, 40])
    assert (case["model"], case["setting"], case["threads"]) == ("tiny-pcsr-x4", "k=0", 1)
    assert len(case["frames"]) == case["latency_ms"]["n"] == 2
    assert sum(case["class_fractions"]) == pytest.approx(1, abs=1e-5)
    assert {"decode", "backbone", "gather", "encode"} <= set(case["stages_ms"])
    assert len(case["graphs"]) == 24
    assert document["telemetry"][1]["temperatures_c"] == {"cpu": 41.0}


def test_json_alone_goes_to_stdout(profile):
    ran = profile("--json")
    assert json.loads(ran.out)["command"] == "profile"


def test_everything_is_combined(cli, tiny_bundle, tiny_plain, tmp_path):
    path = tmp_path / "p.json"
    choices = ("--k", "0", "--k", "1", "--size", "8x8", "--size", "12x10", "--threads", "2")
    ran = cli("profile", "-m", tiny_bundle, "-m", tiny_plain, *choices, *QUICK, "--json", path)
    assert ran.code == 0
    cases = json.loads(path.read_text())["cases"]
    found = {(c["model"], c["setting"], *c["size"], c["threads"]) for c in cases}
    # Of the plain network there is nothing to set.
    assert len(found) == len(cases) == (2 + 1) * 2 * 2
    assert ("tiny-pcsr-x4", "k=1", 8, 8, 2) in found
    assert ("tiny-plain-x4", "", 12, 10, 1) in found


def test_what_is_named_twice_is_measured_once(profile):
    ran = profile("--k", "1", "--k", "1", "--size", "12x10", "--json")
    assert len(json.loads(ran.out)["cases"]) == 1


def test_two_bundles_of_one_name_are_told_apart(cli, tiny_bundle, tmp_path):
    import shutil

    other = shutil.copytree(tiny_bundle, tmp_path / "again")
    sizes = ("--size", "8x8", "--no-io", "--json")
    ran = cli("profile", "-m", tiny_bundle, "-m", other, *QUICK, *sizes)
    names = [case["model"] for case in json.loads(ran.out)["cases"]]
    assert names == ["tiny-pcsr-x4", f"tiny-pcsr-x4 ({other})"]


def test_without_files(profile):
    (case,) = json.loads(profile("--no-io", "--json").out)["cases"]
    assert case["end_to_end_ms"] is None
    assert not {"decode", "encode"} & set(case["stages_ms"])


def test_first_frame_of_shared_engines_is_marked(profile):
    cases = json.loads(profile("--k", "0", "--k", "1", "--json").out)["cases"]
    assert [case["first_frame_on_warm_engines"] for case in cases] == [False, True]


def test_csv(profile, tmp_path):
    path = tmp_path / "p.csv"
    assert profile("--csv", path).code == 0
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["stage"] for row in rows[:3]] == ["end_to_end", "upscale", "decode"]
    assert float(rows[0]["mean_ms"]) > float(rows[1]["mean_ms"])


def test_html(profile, tmp_path):
    path = tmp_path / "p.html"
    assert profile("--html", path).code == 0
    text = path.read_text(encoding="utf-8")
    assert "Board" in text
    assert '"class_map": "iVBOR' in text


def test_a_picture_of_ones_own_keeps_its_size(cli, tiny_bundle, save):
    photo = save("in.png", 14, 9)
    ran = cli("profile", "-m", tiny_bundle, "--image", photo, *QUICK, "--json")
    document = json.loads(ran.out)
    assert document["cases"][0]["size"] == [14, 9]
    assert document["settings"]["image"] == str(photo)


def test_stated_quality(cli):
    ran = cli("profile", "-n", "bicubic", "-s", "4", "--size", "8x8", *QUICK, "--json")
    assert json.loads(ran.out)["cases"][0]["psnr_db"] == pytest.approx(28.43, abs=0.01)


def test_nothing_is_left_in_the_folder_for_temporary_files(profile, tmp_path, monkeypatch):
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert profile().code == 0
    assert list(tmp_path.iterdir()) == []


def test_environment(profile, monkeypatch, cli, tiny_bundle):
    monkeypatch.setenv("PCSR_EDGE_THREADS", "3")
    monkeypatch.setenv("PCSR_EDGE_DEVICE", "cpu")
    ran = cli("profile", "-m", tiny_bundle, "--size", "8x8", *QUICK[:-2], "--json")
    (case,) = json.loads(ran.out)["cases"]
    assert (case["threads"], case["device"]) == (3, "cpu")


def test_strict_refuses_before_measuring(profile, monkeypatch, tmp_path):
    monkeypatch.setattr(session, "conditions", lambda: LOOSE)
    ran = profile("--strict", "--json", tmp_path / "p.json")
    assert (ran.code, ran.out) == (5, "")
    assert "unsuitable conditions for measuring: clocks are not pinned" in ran.err
    assert not (tmp_path / "p.json").exists()


def test_without_strict_it_is_a_warning(profile, monkeypatch):
    monkeypatch.setattr(session, "conditions", lambda: LOOSE)
    ran = profile()
    assert ran.code == 0
    assert "- clocks: clocks are not pinned (governor ondemand)" in ran.out
    assert "warning: clocks are not pinned" in ran.err


class Restless:
    """A clock on which every reading takes a second longer than the one before."""

    def __init__(self):
        self.now = self.step = 0.0

    def __call__(self):
        self.step += 1
        self.now += self.step
        return self.now


def test_strict_after_measuring_writes_the_reports(profile, monkeypatch, tmp_path):
    monkeypatch.setattr(time, "perf_counter", Restless())
    path = tmp_path / "p.json"
    ran = profile("--strict", "--iters", "8", "--no-io", "--json", path)
    assert ran.code == 5
    assert "are unstable: coefficient of variation" in ran.err
    (caution,) = json.loads(path.read_text())["cautions"]
    assert caution["name"] == "unstable"


BAD = {
    "no-model": (("-n", "pcsr-fsrcn-x4"), 2, "did you mean"),
    "auto": (("-n", "auto"), 2, "model auto is for upscale"),
    "size": (("--size", "12"), 2, "is no size"),
    "size-zero": (("--size", "0x5"), 2, "is no size"),
    "iters": (("--iters", "0"), 2, "is not a whole number from 1"),
    "duration": (("--duration", "-1"), 2, "is no duration"),
    "duration-nan": (("--duration", "nan"), 2, "is not a finite number"),
    "warmup": (("--warmup", "x"), 2, "is not a whole number from 0"),
    "device": (("--device", "tpu"), 2, "is no device"),
    "absent-device": (("--device", "trt"), 3, "trt"),
    "class": (("--class", "9"), 2, "class 9 does not exist"),
    "precision": (("-n", "bicubic", "--precision", "fp16"), 1, "has no fp16 graphs"),
    "threads": (("--threads", "9999"), 2, "threads = 9999 is not valid"),
    "image": (("--image", "none.png"), 1, "none.png"),
    "folder": (("--json", "no/such/p.json"), 1, "there is no folder no/such"),
    "huge": (("--size", "90000x90000"), 2, "too many pixels"),
}


@pytest.mark.parametrize(("options", "code", "text"), BAD.values(), ids=BAD.keys())
def test_mistakes_are_one_sentence(cli, tiny_bundle, options, code, text):
    ran = cli("profile", "-m", tiny_bundle, *QUICK, *options)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.splitlines()[-1].startswith("pcsr-edge: error: ")
    assert text in ran.err
    assert "Traceback" not in ran.err


def test_files_are_not_overwritten(profile, tmp_path):
    path = tmp_path / "p.json"
    path.write_text("mine")
    ran = profile("--json", path)
    assert ran.code == 1
    assert "exists already; --overwrite replaces it" in ran.err
    assert path.read_text() == "mine"
    assert profile("--json", path, "--overwrite").code == 0
    assert json.loads(path.read_text())["command"] == "profile"


@pytest.mark.parametrize("other", ["p", "sub/../p"])
def test_two_reports_need_two_names(profile, tmp_path, other):
    (tmp_path / "sub").mkdir()
    ran = profile("--json", tmp_path / "p", "--csv", tmp_path / other)
    assert ran.code == 2
    assert "two reports are to be written" in ran.err


def test_a_wrong_environment_is_named(cli, tiny_bundle, monkeypatch):
    monkeypatch.setenv("PCSR_EDGE_THREADS", "many")
    ran = cli("profile", "-m", tiny_bundle)
    assert ran.code == 2
    assert "$PCSR_EDGE_THREADS: threads: 'many' is not a whole number" in ran.err


def test_json_of_a_failure(cli):
    ran = cli("profile", "-n", "nothing", "--json")
    assert json.loads(ran.out)["exit_code"] == 2


def test_frames_of_a_video(profile):
    pytest.importorskip("av")
    (case,) = json.loads(profile("-f", "mp4", "--json").out)["cases"]
    stages = set(case["stages_ms"])
    assert {"decode", "preprocess", "upsampler_0", "postprocess", "encode"} <= stages
    assert case["latency_ms"]["n"] == 2


def test_frames_of_a_video_are_even(profile):
    pytest.importorskip("av")
    ran = profile("-f", "mp4", "--size", "13x10")
    assert (ran.code, "take --size 14x10" in ran.err) == (2, True)


@pytest.mark.parametrize("format", ["png", "jpg", "webp", "tiff"])
def test_formats(profile, format):
    assert profile("-f", format, "--json").code == 0


def test_photograph_is_what_is_measured(profile, tmp_path, save):
    # A picture with alpha: what is under it is measured, without it.
    path = tmp_path / "alpha.png"
    Image.new("RGBA", (9, 9), (1, 2, 3, 4)).save(path)
    assert profile("--image", path).code == 0


def test_a_model_that_chooses_by_patch_has_eta_and_halo(cli, tmp_path):
    path = tmp_path / "p.json"
    settings = ("--eta", "0", "--eta", "8", "--halo", "--k", "1", "--json", path)
    ran = cli("profile", "-n", "arm-fsrcnn-x4", "--size", "40x36", *QUICK, *settings)
    assert ran.code == 0
    cases = json.loads(path.read_text())["cases"]
    assert [case["setting"] for case in cases] == ["eta=0, halo", "eta=8, halo"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes among files on this system")
def test_a_report_takes_the_place_of_no_device(profile, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    ran = profile("--csv", tmp_path / "pipe", "--overwrite")
    assert (ran.code, "is no file that could be replaced" in ran.err) == (1, True)
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize(
    ("names", "cases", "text"),
    [
        (["a"], 1, "a"),
        (["a"], 3, "a"),
        (["a", "b"], 2, "all 2 cases"),
        (["a", "b"], 3, "2 of 3 cases (a; b)"),
        ([*"abcdefgh"], 9, "8 of 9 cases (a; b; c; d; e; f; …)"),
    ],
)
def test_cases_of_a_warning_are_few(names, cases, text):
    assert session._listed(names, cases) == text
