"""`pcsr-edge upscale` with GStreamer and a display, where this machine has them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest
from support.clips import decoded, steady, write_clip

pytest.importorskip("av")
cv2 = pytest.importorskip("cv2")

BICUBIC = ("-n", "bicubic", "-s", "2")
PICTURES = "videotestsrc num-buffers=20 ! video/x-raw,width=64,height=48,framerate=10/1"
TO_US = "videoconvert ! video/x-raw,format=BGR ! appsink"
with_gstreamer = pytest.mark.skipif(
    re.search(r"GStreamer:\s+YES", cv2.getBuildInformation()) is None,
    reason="this OpenCV was built without GStreamer",
)


@with_gstreamer
def test_a_pipeline_becomes_a_film(cli, tmp_path) -> None:
    pipeline = f"gst://{PICTURES} ! identity sleep-time=20000 ! {TO_US}"
    ran = cli("upscale", pipeline, tmp_path / "out.mp4", *BICUBIC)
    assert ran.code == 0, ran.err
    found = decoded(tmp_path / "out.mp4")
    assert (len(found.pictures), found.pictures[0].shape) == (20, (144, 128))
    # The first bar of the test picture is white, the last blue.
    assert found.pictures[0][10, 4] > 170
    assert found.pictures[0][10, 124] < 60
    assert (tmp_path / "out.mp4").exists()


@with_gstreamer
def test_a_film_goes_to_a_pipeline(cli, tmp_path) -> None:
    source = write_clip(tmp_path / "in.mp4", steady(12))
    sink = f"appsrc ! videoconvert ! jpegenc ! avimux ! filesink location={tmp_path}/out.avi"
    assert cli("upscale", source, f"gst://{sink}", *BICUBIC).code == 0
    assert len(decoded(tmp_path / "out.avi").pictures) == 12


@with_gstreamer
def test_a_pipeline_that_gives_nothing_is_an_error(cli, tmp_path, files) -> None:
    ran = cli("upscale", f"gst://fakesrc num-buffers=0 ! {TO_US}", tmp_path / "o.mp4", *BICUBIC)
    assert ran.code == 1
    assert "gives no frame" in ran.err
    assert files() == []


@pytest.fixture
def display():
    """Run a display without a screen, and return its name."""
    server = shutil.which("Xvfb")
    if server is None:
        pytest.skip("there is no Xvfb")
    if re.search(r"(GTK|QT|GUI):\s+(YES|QT|GTK)", cv2.getBuildInformation()) is None:
        pytest.skip("this OpenCV has no windows")
    read, write = os.pipe()
    command = [server, "-displayfd", str(write), "-screen", "0", "400x300x24", "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as numbers:
        number = numbers.readline().strip()
    yield f":{number}"
    process.terminate()
    process.wait()


def test_a_film_is_shown(tmp_path, display) -> None:
    source = write_clip(tmp_path / "in.mp4", steady(12))
    arguments = ["upscale", str(source), "display://0", *BICUBIC]
    ran = subprocess.run(
        [sys.executable, "-m", "pcsr_edge", *arguments],
        env={**os.environ, "DISPLAY": display},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "12 frames" in ran.stdout


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 is asked for")
@pytest.mark.parametrize("name", ["", ":7654"])
def test_a_display_that_is_not_there_is_an_error(cli, tmp_path, monkeypatch, name) -> None:
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", name)
    ran = cli("upscale", write_clip(tmp_path / "in.mp4", steady(3)), "display://0", *BICUBIC)
    assert ran.code == 3
    assert "no window can be opened: there is no display" in ran.err
