"""`pcsr-edge upscale` with videos."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from support.clips import VARIABLE, damage, decoded, steady, write_clip

from pcsr_edge.installation import advice, install_command
from pcsr_edge.runtime.video.encoding import CODECS

pytest.importorskip("av")

BICUBIC = ("-n", "bicubic", "-s", "2")
SIMPLE = {"bf": "0", "refs": "1", "g": "5", "crf": "10"}


def test_a_video_becomes_a_larger_video(cli, tmp_path) -> None:
    source = write_clip(tmp_path / "in.mp4", audio=True)
    ran = cli("upscale", source, tmp_path / "out.mp4", *BICUBIC)
    assert ran.code == 0
    assert "64x48" in ran.out
    assert "128x96; 12 frames" in ran.out
    assert "packets of audio" in ran.out
    assert decoded(tmp_path / "out.mp4").pictures[0].shape == (144, 128)


@pytest.mark.parametrize("options", [("--eta", "0.5"), ("--class", "0", "--halo"), ("--fps", "1")])
def test_a_model_that_chooses_by_patch_upscales_a_video(cli, tmp_path, options) -> None:
    source = write_clip(tmp_path / "in.mp4", steady(3))
    ran = cli("upscale", source, tmp_path / "out.mkv", "-n", "arm-fsrcnn-x4", *options, "--json")
    assert ran.code == 0
    assert json.loads(ran.out)["videos"][0]["frames"] == 3
    pictures = decoded(tmp_path / "out.mkv").pictures
    assert [picture.shape for picture in pictures] == [(288, 256)] * 3


def test_without_an_output_it_lies_beside_the_input(cli, tmp_path, files) -> None:
    cli("upscale", write_clip(tmp_path / "in.avi", steady(3), codec="mpeg4"), *BICUBIC)
    assert files() == ["in.avi", "in_x2.mkv"]


def test_several_videos_go_to_a_folder(cli, tmp_path, files) -> None:
    sources = [write_clip(tmp_path / name, steady(3)) for name in ("a.mp4", "b.mkv")]
    assert cli("upscale", *sources, "-o", tmp_path / "big", *BICUBIC).code == 0
    assert files() == ["a.mp4", "b.mkv", "big/a.mp4", "big/b.mkv"]


def test_a_broken_video_does_not_stop_the_next(cli, tmp_path, files) -> None:
    (tmp_path / "a.mp4").write_text("nothing")
    other = write_clip(tmp_path / "b.mp4", steady(3))
    ran = cli("upscale", tmp_path / "a.mp4", other, "-o", tmp_path / "big", *BICUBIC)
    assert ran.code == 1
    assert "a.mp4 cannot be opened as a video" in ran.err
    assert "big/b.mp4" in files()


def test_json_tells_what_was_done(cli, tmp_path) -> None:
    source = write_clip(tmp_path / "in.mkv", VARIABLE, audio=True, subtitles=True)
    options = ("-e", "crf=30", "-e", "preset=ultrafast", "--no-subs", "--json")
    ran = cli("upscale", source, tmp_path / "out.mkv", *BICUBIC, *options)
    video = json.loads(ran.out)["videos"][0]
    assert video["encoder_options"] == {"crf": "30", "preset": "ultrafast"}
    assert video["output_size"] == {"width": 128, "height": 96}
    assert (video["frames"], list(video["copied_packets"])) == (12, ["audio"])


def test_progress_as_json(cli, tmp_path) -> None:
    source = write_clip(tmp_path / "in.mp4")
    ran = cli("upscale", source, tmp_path / "out.mp4", *BICUBIC, "--progress", "json", "--json")
    reports = [json.loads(line) for line in ran.err.splitlines() if line.startswith("{")]
    assert reports[-1]["frames"] == 12
    assert {"fps", "remaining_s", "model", "queue_decoded"} <= set(reports[-1])


def test_bad_frames_make_the_exit_code_1(cli, tmp_path) -> None:
    source = damage(write_clip(tmp_path / "in.mp4", steady(20), options=SIMPLE), 10)
    ran = cli("upscale", source, tmp_path / "out.mp4", *BICUBIC, "-v")
    assert ran.code == 1
    assert "1 bad frame: 10" in ran.out
    assert "frame 10: damaged data" in ran.err
    assert len(decoded(tmp_path / "out.mp4").pictures) == 20


def test_damage_can_end_the_run(cli, tmp_path, files) -> None:
    source = damage(write_clip(tmp_path / "in.mp4", steady(20), options=SIMPLE), 10)
    ran = cli("upscale", source, tmp_path / "out.mp4", *BICUBIC, "--on-error", "abort")
    assert ran.code == 1
    assert "frame 10 is bad" in ran.err
    assert files() == ["in.mp4"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("-c", "h266"), "no encoder 'h266'"),
        (("-e", "crf"), "expected KEY=VALUE"),
        (("-e", "foo=1"), "no option 'foo'"),
        (("--pix-fmt", "rgb24"), "takes no rgb24"),
        (("-f", "png"), "-f is for pictures"),
        (("--class-map", "m.png"), "--class-map is for pictures"),
    ],
)
def test_wrong_usage_is_said_before_any_work(cli, tmp_path, files, options, message) -> None:
    source = write_clip(tmp_path / "in.mp4", steady(3))
    ran = cli("upscale", source, tmp_path / "out.mp4", *BICUBIC, *options)
    assert (ran.code, files()) == (2, ["in.mp4"])
    assert message in ran.err


@pytest.mark.parametrize("model", ["plain-s-x4", "esr-max-x4", "pcsr-fast-x4"])
@pytest.mark.parametrize("target", ["out.mp4", "-", "big_%02d.png"])
def test_a_size_that_a_model_cannot_make_is_refused_before_any_work(
    cli, tmp_path, files, model, target
) -> None:
    source = write_clip(tmp_path / "in.mp4", steady(3))
    output = target if target == "-" else tmp_path / target
    ran = cli("upscale", source, output, "-n", model, "--size", "100x90")
    assert (ran.code, files()) == (2, ["in.mp4"])
    assert "it makes 256x192 of 64x48, not 100x90" in ran.err
    assert ran.out == ""


@pytest.mark.parametrize("name", ["out.xyz", "out.avi"])
def test_an_unknown_container_is_refused(cli, tmp_path, name) -> None:
    ran = cli("upscale", write_clip(tmp_path / "in.mp4", steady(3)), tmp_path / name, *BICUBIC)
    assert ran.code == 2
    assert "expected .mp4" in ran.err


def test_the_result_never_replaces_the_input(cli, tmp_path) -> None:
    source = write_clip(tmp_path / "in.mp4", steady(3))
    before = source.read_bytes()
    assert cli("upscale", source, source, *BICUBIC, "--overwrite").code == 2
    assert source.read_bytes() == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes among files on this system")
def test_a_result_takes_the_place_of_no_device(cli, tmp_path, files) -> None:
    source, target = write_clip(tmp_path / "in.mp4", steady(3)), tmp_path / "out.mp4"
    os.mkfifo(target)
    ran = cli("upscale", source, target, *BICUBIC, "--overwrite")
    assert (ran.code, "is no file that could be replaced" in ran.err) == (1, True)
    assert (target.is_fifo(), files()) == (True, ["in.mp4"])


def test_pictures_and_videos_are_two_runs(cli, tmp_path, save) -> None:
    source = write_clip(tmp_path / "in.mp4", steady(3))
    ran = cli("upscale", source, save("a.png"), "-o", tmp_path / "big", *BICUBIC)
    assert ran.code == 2
    assert "upscale them in two runs" in ran.err


def test_an_existing_output_is_kept_or_skipped(cli, tmp_path) -> None:
    source, target = write_clip(tmp_path / "in.mp4", steady(3)), tmp_path / "out.mp4"
    target.write_bytes(b"precious")
    assert cli("upscale", source, target, *BICUBIC).code == 1
    assert cli("upscale", source, target, *BICUBIC, "--skip-existing").code == 0
    assert target.read_bytes() == b"precious"


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT], ids=["kill", "ctrl-c"])
def test_a_run_that_is_ended_goes_on_to_the_same_result(cli, tmp_path, sign) -> None:
    source = write_clip(tmp_path / "in.mp4", steady(60), size=(96, 128), audio=True)
    options = (*BICUBIC, "--segment", "4", "-q", "--threads", "1")
    assert cli("upscale", source, tmp_path / "whole.mp4", *options).code == 0
    command = [sys.executable, "-m", "pcsr_edge", "upscale", source, tmp_path / "out.mp4"]
    process = subprocess.Popen(
        [*map(str, command), *options, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    work = tmp_path / ".out.mp4.pcsr-edge"
    _wait_for(lambda: work.is_dir() and len(list(work.glob("*.seg"))) >= 3)
    os.kill(process.pid, sign)
    told, message = (stream.decode() for stream in process.communicate())
    if sign is signal.SIGINT:
        assert process.returncode == 130
        assert json.loads(told)["videos"][0]["status"] == "interrupted"
        assert "the same command goes on there" in message
    ran = cli("upscale", source, tmp_path / "out.mp4", *options[:-3], "--threads", "1", "--json")
    assert json.loads(ran.out)["videos"][0]["frames_resumed"] >= 12
    one, other = decoded(tmp_path / "out.mp4"), decoded(tmp_path / "whole.mp4")
    assert one.times == other.times
    assert all(np.array_equal(a, b) for a, b in zip(one.pictures, other.pictures))
    assert (tmp_path / "out.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()


def _wait_for(condition) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_time_budget_reports_how_it_was_kept(cli, tmp_path, tiny_bundle) -> None:
    source = write_clip(tmp_path / "in.mp4", steady(6))
    options = ("-m", tiny_bundle, "--budget-ms", "60000", "--json")
    ran = cli("upscale", source, tmp_path / "out.mp4", *options)
    pace = json.loads(ran.out)["videos"][0]["pace"]
    assert (pace["frames"], pace["within_budget_and_a_tenth"]) == (6, 1.0)
    assert pace["gears"] == ["tiny-pcsr-x4", "bicubic"]
    first = {"frame": 0, "gear": "tiny-pcsr-x4", "backend": "onnxruntime-cpu"}
    assert pace["shifts"] == [first]
    assert pace["mean_work"] == 1.0


def test_a_halo_goes_with_a_time_budget(cli, tmp_path) -> None:
    source = write_clip(tmp_path / "in.mp4", steady(3))
    options = ("-n", "arm-fsrcnn-x4", "--halo", "--budget-ms", "60000", "--json")
    ran = cli("upscale", source, tmp_path / "out.mp4", *options)
    assert ran.code == 0
    assert json.loads(ran.out)["videos"][0]["pace"]["gears"][0] == "arm-fsrcnn-x4"


def test_the_truth_is_told_of_where_it_is_given(cli, tmp_path) -> None:
    source = write_clip(tmp_path / "in.mp4", steady(3))
    cli("upscale", source, tmp_path / "one.mkv", *BICUBIC, "-e", "crf=0")
    options = ("--truth", tmp_path / "one.mkv")
    ran = cli("upscale", source, tmp_path / "two.mkv", *BICUBIC, *options)
    assert "PSNR of luma against the truth 100.00 dB" in ran.out
    ran = cli("upscale", source, tmp_path / "three.mkv", *BICUBIC, *options, "--json")
    assert json.loads(ran.out)["videos"][0]["psnr_luma_db"] == 100
    wrong = cli("upscale", source, tmp_path / "four.mkv", *BICUBIC, "--truth", source)
    assert (wrong.code, "is 64x48, and the result 128x96" in wrong.err) == (1, True)


def test_what_a_budget_costs_is_told_of_a_truth(cli, tmp_path, tiny_bundle) -> None:
    source, truth = write_clip(tmp_path / "in.mp4", steady(4)), tmp_path / "truth.mkv"
    cli("upscale", source, truth, "-m", tiny_bundle, "-e", "crf=0")
    # Enough for all heavy, which the model's own choice, the truth here, is not.
    options = ("-m", tiny_bundle, "--truth", truth, "--budget-ms", "60000")
    ran = cli("upscale", source, tmp_path / "one.mkv", *options, "--json")
    found = json.loads(ran.out)["videos"][0]
    assert found["psnr_luma_db"] < 90
    assert found["psnr_cost_db"] == pytest.approx(100 - found["psnr_luma_db"], abs=1e-3)
    said = cli("upscale", source, tmp_path / "two.mkv", *options).out
    assert f"without the budget +{found['psnr_cost_db']:.2f} dB" in said


def test_a_truth_of_several_videos_is_refused(cli, tmp_path) -> None:
    sources = [write_clip(tmp_path / name, steady(3)) for name in ("a.mp4", "b.mp4")]
    ran = cli("upscale", *sources, "-o", tmp_path / "out", *BICUBIC, "--truth", sources[0])
    assert (ran.code, "--truth is for one video file" in ran.err) == (2, True)


def test_a_budget_and_k_exclude_each_other(cli, tmp_path) -> None:
    source = write_clip(tmp_path / "in.mp4", steady(3))
    ran = cli("upscale", source, tmp_path / "out.mp4", "--fps", "5", "--k", "1")
    assert ran.code == 2


def test_a_file_cut_off_is_done_as_far_as_it_goes_and_told(cli, tmp_path) -> None:
    options = {"movflags": "faststart"}
    whole = write_clip(tmp_path / "in.mp4", steady(40), size=(96, 128), container_options=options)
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    ran = cli("upscale", whole, tmp_path / "out.mp4", *BICUBIC)
    assert ran.code == 1
    assert "its header announces 40 frames" in ran.err
    assert 0 < len(decoded(tmp_path / "out.mp4").pictures) < 40


def test_without_pyav_it_is_said_what_to_install(cli, tmp_path, monkeypatch) -> None:
    source = write_clip(tmp_path / "in.mp4", steady(3))
    monkeypatch.setitem(sys.modules, "av", None)
    ran = cli("upscale", source, tmp_path / "out.mp4", *BICUBIC)
    assert ran.code == 1
    assert advice(install_command("video")) in ran.err


@pytest.mark.parametrize("codec", ["vp9", "ffv1"])
def test_other_codecs(cli, tmp_path, codec) -> None:
    import av

    source = write_clip(tmp_path / "in.mp4", steady(3))
    assert cli("upscale", source, tmp_path / "out.mkv", *BICUBIC, "-c", codec).code == 0
    with av.open(str(tmp_path / "out.mkv")) as container:
        assert codec in container.streams.video[0].codec_context.name
    assert len(decoded(tmp_path / "out.mkv").pictures) == 3


@pytest.mark.parametrize("codec", ["h265", "av1"])
def test_encoders_write_nothing_by_themselves(tmp_path, codec) -> None:
    import av

    if CODECS[codec] not in av.codecs_available:
        pytest.skip(f"this FFmpeg has no {CODECS[codec]}")
    source = write_clip(tmp_path / "in.mp4", steady(3))
    command = [sys.executable, "-m", "pcsr_edge", "upscale", source, tmp_path / "out.mkv", "-q"]
    ran = subprocess.run(
        [*map(str, command), *BICUBIC, "-c", codec], capture_output=True, text=True, check=True
    )
    assert (ran.stdout, ran.stderr) == ("", "")
