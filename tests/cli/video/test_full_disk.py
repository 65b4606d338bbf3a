"""`pcsr-edge upscale` where there is no room: limits of the system stand for a full disk."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from support.clips import decoded, steady, write_clip

pytest.importorskip("av")
resource = pytest.importorskip("resource")

BICUBIC = ("-n", "bicubic", "-s", "2", "--segment", "5", "-e", "crf=0")


@pytest.fixture
def clip(tmp_path):
    return write_clip(tmp_path / "in.mp4", steady(20), size=(96, 128))


def limited(size, *arguments):
    """Run the command in a process whose files may have `size` bytes."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    command = [sys.executable, "-m", "pcsr_edge", "upscale", *map(str, arguments)]
    return subprocess.run(command, preexec_fn=limit, capture_output=True, text=True, check=False)


def segment_bytes(cli, clip, tmp_path):
    """Return how large a segment and the whole film are."""
    cli("upscale", clip, tmp_path / "whole.mkv", *BICUBIC)
    size = (tmp_path / "whole.mkv").stat().st_size
    return size // 4, size


@pytest.mark.parametrize("where", ["in a segment", "in the film"])
def test_no_room_is_an_error_and_the_same_command_goes_on(cli, tmp_path, clip, where) -> None:
    part, whole = segment_bytes(cli, clip, tmp_path)
    size = part // 2 if where == "in a segment" else whole * 2 // 3
    ran = limited(size, clip, tmp_path / "out.mkv", *BICUBIC)
    assert ran.returncode == 1
    assert "File too large" in ran.stderr
    assert "kept: make room" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (tmp_path / "out.mkv").exists()
    again = cli("upscale", clip, tmp_path / "out.mkv", *BICUBIC)
    assert again.code == 0
    assert ("20 frames of an earlier run" in again.out) == (where == "in the film")
    one, other = decoded(tmp_path / "out.mkv"), decoded(tmp_path / "whole.mkv")
    assert one.times == other.times
    assert all(np.array_equal(a, b) for a, b in zip(one.pictures, other.pictures))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_pipe_without_room_is_an_error(clip) -> None:
    command = [sys.executable, "-m", "pcsr_edge", "upscale", str(clip), "-", *BICUBIC[:4]]
    with open("/dev/full", "wb") as full:
        ran = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ran.returncode == 1
    assert "cannot be written to the pipe: No space left on device" in ran.stderr
    assert "Traceback" not in ran.stderr
