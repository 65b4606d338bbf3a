"""`pcsr-edge upscale`: what it says, to people and to programs."""

from __future__ import annotations

import json

import pytest


def test_dry_run_writes_nothing(upscale, save, tmp_path, files):
    ran = upscale(save("in.png"), tmp_path / "out.png", "--dry-run")
    assert ran.code == 0
    assert "12x10" in ran.out
    assert "48x40" in ran.out
    assert files() == ["in.png"]


def test_dry_run_finds_damaged_pictures(upscale, tmp_path):
    (tmp_path / "in.png").write_text("no picture")
    ran = upscale(tmp_path / "in.png", tmp_path / "out.png", "--dry-run")
    assert ran.code == 1
    assert "1 would fail" in ran.out


def test_json_is_all_that_stdout_holds(upscale, save, tmp_path):
    ran = upscale(save("in.png"), tmp_path / "out.png", "--json")
    document = json.loads(ran.out)
    assert next(iter(document)) == "schema_version"
    assert document["backend"] == "onnxruntime-cpu"
    assert document["summary"]["done"] == 1


def test_json_describes_each_file(upscale, save, tmp_path):
    (tmp_path / "bad.png").write_text("no picture")
    source = save("in.png")
    ran = upscale("-i", source, "-i", tmp_path / "bad.png", "-o", tmp_path / "out", "--json")
    good, bad = json.loads(ran.out)["files"]
    assert good["status"] == "done"
    assert good["output_size"] == {"width": 48, "height": 40}
    assert sum(good["class_fractions"]) == pytest.approx(1)
    assert {"read", "upscale", "write"} == set(good["times_ms"])
    assert "backbone" in good["stages_ms"]
    assert bad["status"] == "failed"
    assert "bad.png" in bad["message"]


def test_quiet_says_nothing(upscale, save, tmp_path):
    ran = upscale(save("in.png"), tmp_path / "out.png", "-q")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_verbose_tells_of_each_picture(upscale, save, tmp_path):
    save("in/a.png")
    save("in/b.png")
    ran = upscale(tmp_path / "in", "-o", tmp_path / "out", "-v")
    assert "a.png 12x10 -> " in ran.err
    assert "b.png 12x10 -> " in ran.err


def test_verbose_tells_of_a_lone_picture_once(upscale, save, tmp_path):
    ran = upscale(save("in.png"), tmp_path / "out.png", "-v")
    assert (ran.out + ran.err).count("in.png 12x10 -> ") == 1


def test_what_is_not_kept_is_a_warning(upscale, save, tmp_path):
    ran = upscale(save("in.jpg", mode="CMYK"), tmp_path / "out.png")
    assert ran.code == 0
    assert "warning: " in ran.err
    assert "CMYK" in ran.err


def test_a_lone_failure_says_one_sentence(cli, tiny_bundle, tmp_path):
    done = cli("upscale", "-m", str(tiny_bundle), str(tmp_path / "gone.png"))
    assert done.code == 1
    assert done.out == ""
    assert len(done.err.strip().splitlines()) == 1
