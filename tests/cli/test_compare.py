"""`pcsr-edge compare`: the table, JSON, mistakes."""

from __future__ import annotations

import json

import pytest
from support.fake_profile import MACHINE, measured, profile

from pcsr_edge.calib.profiling import to_json

TIMES = [10.0, 10.1, 10.2, 10.0, 10.1, 10.2, 10.1, 10.0]


@pytest.fixture
def written(tmp_path):
    """Return a function that writes a profile whose times are a multiple of `TIMES`."""

    def write(name, factor=1.0, case=None, **fields):
        found = measured([factor * ms for ms in TIMES], **(case or {}))
        path = tmp_path / name
        path.write_text(to_json(profile(found, **fields).as_dict()), encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(("factor", "text"), [(2.0, "slower"), (0.5, "faster"), (1.0, "noise")])
def test_table(cli, written, factor, text):
    ran = cli("compare", written("a.json"), written("b.json", factor))
    assert (ran.code, ran.err) == (0, "")
    row = next(line for line in ran.out.splitlines() if line.startswith("| net k=0"))
    assert row.split("|")[-2].strip() == text
    assert f"{factor:.3f}" in row


def test_json(cli, written):
    ran = cli("compare", written("a.json"), written("b.json", 2.0), "--json")
    found = json.loads(ran.out)
    assert (found["schema_version"], found["command"]) == (1, "compare")
    (case,) = found["cases"]
    assert case["verdict"] == "slower"
    assert case["exceeds_noise"] is True
    assert case["ratio_low"] <= case["ratio"] == 2.0 <= case["ratio_high"]
    assert case["stages_ms"]["backbone"] == pytest.approx([5.05, 10.1])


def test_few_frames_have_no_upper_end_in_json(cli, tmp_path):
    path = tmp_path / "a.json"
    path.write_text(to_json(profile(measured([1.0])).as_dict()), encoding="utf-8")
    (case,) = json.loads(cli("compare", path, path, "--json").out)["cases"]
    assert (case["ratio_low"], case["ratio_high"]) == (0.0, None)


def test_stages(cli, written):
    out = cli("compare", written("a.json"), written("b.json", 2.0), "--stages").out
    assert "| backbone    |  5.05 | 10.10 | 2.000 |" in out


def test_doubts_and_changes_are_told(cli, written):
    caution = {"name": "clocks", "text": "clocks are not pinned"}
    second = written("b.json", software={"pcsr-edge": "9"}, cautions=(caution,))
    out = cli("compare", written("a.json"), second).out
    assert "doubtful: clocks are not pinned" in out
    assert "differs: pcsr-edge: 0.1.0 → 9" in out


def test_other_cases_are_listed(cli, tmp_path):
    both = profile(measured(TIMES), measured(TIMES, model="more"))
    path, other = tmp_path / "a.json", tmp_path / "b.json"
    path.write_text(to_json(profile(measured(TIMES)).as_dict()), encoding="utf-8")
    other.write_text(to_json(both.as_dict()), encoding="utf-8")
    assert "only in B: more k=0, 480x270" in cli("compare", path, other).out


def test_another_machine(cli, written):
    paths = written("a.json"), written("b.json", before={**MACHINE, "device": "Pi 5"})
    ran = cli("compare", *paths)
    assert (ran.code, ran.out) == (1, "")
    assert "device Jetson-AGX" in ran.err
    assert len(ran.err.splitlines()) == 1
    assert cli("compare", *paths, "--any-machine").code == 0


def test_a_missing_file(cli, written, tmp_path):
    ran = cli("compare", written("a.json"), tmp_path / "none.json")
    assert ran.code == 1
    assert "none.json cannot be read" in ran.err


def test_another_schema(cli, written):
    path = written("a.json")
    path.write_text(path.read_text().replace('"schema_version": 1', '"schema_version": 2'))
    ran = cli("compare", path, path)
    assert ran.code == 1
    assert "is a profile of schema 2, expected 1" in ran.err


def test_one_file_is_not_enough(cli, written):
    assert cli("compare", written("a.json")).code == 2


def test_what_profile_writes_can_be_compared(cli, tiny_bundle, tmp_path):
    path = tmp_path / "p.json"
    quick = ("--iters", "5", "--duration", "0", "--warmup", "0", "--no-io")
    cli("profile", "-m", tiny_bundle, "--size", "8x8", *quick, "--json", path)
    ran = cli("compare", path, path)
    assert ran.code == 0
    assert "1.000" in ran.out
