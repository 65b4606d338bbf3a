"""`pcsr-edge upscale` with pipes and pictures in a row."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image
from support.clips import VARIABLE, decoded, steady, write_clip

av = pytest.importorskip("av")

BICUBIC = ("-n", "bicubic", "-s", "2")
HEADER = b"YUV4MPEG2 W4 H2 F25:1 C420jpeg\n"
FRAME = b"FRAME\n" + bytes([90]) * 8 + bytes([100]) * 2 + bytes([150]) * 2


def piped(data, *arguments):
    command = [sys.executable, "-m", "pcsr_edge", "upscale", *map(str, arguments)]
    return subprocess.run(command, input=data, capture_output=True, check=False)


def test_y4m_in_and_out_with_nothing_else_on_stdout() -> None:
    ran = piped(HEADER + FRAME * 3, "-", "-", *BICUBIC)
    header, _, frames = ran.stdout.partition(b"\n")
    assert ran.returncode == 0
    assert header.startswith(b"YUV4MPEG2 W8 H4 F25:1")
    assert frames == (b"FRAME\n" + bytes([90]) * 32 + bytes([100]) * 8 + bytes([150]) * 8) * 3


def test_y4m_to_a_file(tmp_path) -> None:
    ran = piped(HEADER + FRAME * 5, "-", tmp_path / "out.mp4", *BICUBIC, "--json")
    assert json.loads(ran.stdout)["frames"] == 5
    assert decoded(tmp_path / "out.mp4").times == [Fraction(n, 25) for n in range(5)]
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes among files on this system")
def test_a_stream_takes_the_place_of_no_device(tmp_path) -> None:
    os.mkfifo(tmp_path / "out.mp4")
    ran = piped(HEADER + FRAME * 5, "-", tmp_path / "out.mp4", *BICUBIC, "--overwrite")
    assert (ran.returncode, b"is no file that could be replaced" in ran.stderr) == (1, True)
    assert (tmp_path / "out.mp4").is_fifo()


def test_a_video_to_a_pipe(tmp_path) -> None:
    source = write_clip(tmp_path / "in.mp4", steady(4))
    ran = piped(b"", source, "-", *BICUBIC)
    assert ran.stdout.count(b"FRAME\n") == 4


@pytest.mark.skipif(sys.platform == "win32", reason="redirects otherwise")
@pytest.mark.parametrize("redirection", ["<&-", ">&-"])
def test_a_closed_pipe_is_one_sentence(tmp_path, redirection) -> None:
    command = f'exec "{sys.executable}" -m pcsr_edge upscale - - -n bicubic -s 2 {redirection}'
    ran = subprocess.run(command, shell=True, input=HEADER, capture_output=True, check=False)
    assert ran.returncode == 1
    assert b"is closed; frames cannot" in ran.stderr
    assert b"Traceback" not in ran.stderr


def test_audio_that_does_not_go_with_frames_is_told(tmp_path) -> None:
    source = write_clip(tmp_path / "in.mp4", steady(12), audio=True)
    ran = piped(b"", source, "-", *BICUBIC)
    assert b"its audio is not kept: - gets frames alone" in ran.stderr
    assert b"not kept" not in piped(b"", source, "-", *BICUBIC, "--no-audio").stderr


def test_what_is_no_y4m_is_an_error() -> None:
    ran = piped(b"hello\n", "-", "-", *BICUBIC)
    assert (ran.returncode, ran.stdout) == (1, b"")
    assert b"no Y4M stream" in ran.stderr


def test_json_and_frames_do_not_share_stdout() -> None:
    ran = piped(HEADER + FRAME, "-", "-", *BICUBIC, "--json")
    assert ran.returncode == 2


@pytest.fixture
def pictures(tmp_path):
    """Write three pictures in a row, and return their pattern."""
    for number in range(3):
        pixels = np.full((10, 14, 3), 50 * (number + 1), np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"frame_{number:03d}.png")
    return tmp_path / "frame_%03d.png"


def test_pictures_become_a_video(cli, tmp_path, pictures) -> None:
    ran = cli("upscale", pictures, tmp_path / "out.mkv", *BICUBIC, "--rate", "10")
    found = decoded(tmp_path / "out.mkv")
    assert ran.code == 0
    assert found.times == [Fraction(0), Fraction(1, 10), Fraction(2, 10)]
    luma = [picture[:20].mean() for picture in found.pictures]
    assert luma == pytest.approx([16 + 219 * v / 255 for v in (50, 100, 150)], abs=0.6)


def test_a_gap_in_the_numbers_is_an_error(cli, tmp_path, pictures) -> None:
    (tmp_path / "frame_001.png").unlink()
    ran = cli("upscale", pictures, tmp_path / "out.mkv", *BICUBIC)
    assert ran.code == 1
    assert "frame_001.png is missing" in ran.err


def test_a_damaged_picture_is_repeated_and_told(cli, tmp_path, pictures) -> None:
    (tmp_path / "frame_001.png").write_bytes(b"nothing")
    ran = cli("upscale", pictures, tmp_path / "out.mkv", *BICUBIC)
    assert ran.code == 1
    assert "frame 1:" in ran.err
    assert len(decoded(tmp_path / "out.mkv").pictures) == 3


def test_a_video_becomes_pictures(cli, tmp_path) -> None:
    source = write_clip(tmp_path / "in.mp4", steady(3))
    assert cli("upscale", source, tmp_path / "big_%02d.png", *BICUBIC).code == 0
    with Image.open(tmp_path / "big_03.png") as picture:
        assert picture.size == (128, 96)
    again = cli("upscale", source, tmp_path / "big_%02d.png", *BICUBIC)
    assert again.code == 1
    assert "exists already" in again.err


def test_a_camera_that_is_not_there_is_an_error(cli, tmp_path, files) -> None:
    ran = cli("upscale", "/dev/video99", tmp_path / "out.mp4", *BICUBIC)
    assert ran.code == 1
    assert "/dev/video99 gives no video" in ran.err
    assert files() == []


def test_a_stream_needs_an_output(cli) -> None:
    ran = cli("upscale", "/dev/video99", *BICUBIC)
    assert ran.code == 2
    assert "name the output with -o" in ran.err


@pytest.mark.skipif(
    not hasattr(av.container.OutputContainer, "set_chapters"), reason="PyAV is too old"
)
def test_a_video_that_players_turn_goes_to_a_pipe_upright(tmp_path) -> None:
    source = write_clip(tmp_path / "in.mp4", steady(3), rotation=90)
    ran = piped(b"", source, "-", *BICUBIC)
    assert ran.stdout.startswith(b"YUV4MPEG2 W96 H128 ")
    assert b"its pictures are turned by 90 degrees, as players turn them" in ran.stderr


@pytest.mark.parametrize(("times", "told"), [(VARIABLE, True), (steady(12), False)])
def test_times_that_a_pipe_does_not_keep_are_told(tmp_path, times, told) -> None:
    ran = piped(b"", write_clip(tmp_path / "in.mkv", times), "-", *BICUBIC)
    assert (b"its frame rate varies" in ran.stderr) == told
