"""What goes through OpenCV to GStreamer, on an OpenCV that writes what it is given to a file."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from pcsr_edge.errors import BackendUnavailableError, OutputError, UsageError
from pcsr_edge.runtime.colour import Matrix
from pcsr_edge.runtime.video import gstreamer
from pcsr_edge.runtime.video.frame import Frame, Tags, VideoFacts
from pcsr_edge.runtime.video.gstreamer import GstSink, opencv
from pcsr_edge.runtime.yuv import Yuv, YuvFormat

FACTS = VideoFacts((2, 4), YuvFormat(), Matrix.BT709, Tags(1, 1, 1), Fraction(1, 25))
GRAY = Frame(Yuv(*(np.full(size, 126, np.uint8) for size in ((2, 4), (1, 2), (1, 2)))), 0)


class Writer:
    """Writes pictures to the file that it is named as a pipeline."""

    def __init__(self, pipeline, *_settings) -> None:
        self._path, self._written = Path(pipeline), b""

    def isOpened(self) -> bool:  # noqa: N802 - as OpenCV has it
        return True

    def write(self, pixels) -> None:
        self._written += pixels.tobytes()

    def release(self) -> None:
        if self._written:
            self._path.write_bytes(self._written)
        self._written = b""


@pytest.fixture
def sink(tmp_path, monkeypatch):
    """Return a sink to out.mp4, which exists."""
    fake = SimpleNamespace(VideoWriter=Writer, CAP_GSTREAMER=1800)
    monkeypatch.setattr(gstreamer, "opencv", lambda: fake)
    part, target = tmp_path / ".out.mp4.part", tmp_path / "out.mp4"
    target.write_bytes(b"before")
    return GstSink(str(part), FACTS, (2, 4), part, target)


def test_a_whole_file_gets_its_name(sink, tmp_path) -> None:
    sink.write(GRAY)
    sink.finish()
    sink.abort()
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]
    assert len((tmp_path / "out.mp4").read_bytes()) == 2 * 4 * 3


def test_half_a_file_goes_and_the_one_before_stays(sink, tmp_path) -> None:
    sink.write(GRAY)
    sink.abort()
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]
    assert (tmp_path / "out.mp4").read_bytes() == b"before"


def test_a_pipeline_that_writes_nothing_is_an_error(sink) -> None:
    with pytest.raises(OutputError, match="was not written by the GStreamer pipeline"):
        sink.finish()


def test_colours_that_make_no_rgb_are_refused(monkeypatch) -> None:
    monkeypatch.setattr(gstreamer, "opencv", SimpleNamespace)
    with pytest.raises(UsageError, match="colour matrix 8"):
        GstSink("fakesink", replace(FACTS, matrix=None, tags=Tags(8, 1, 1)), (2, 4))


def test_an_opencv_without_gstreamer_is_told() -> None:
    cv2 = pytest.importorskip("cv2")
    if "GStreamer:                   YES" in cv2.getBuildInformation():
        pytest.skip("this OpenCV has GStreamer")
    with pytest.raises(BackendUnavailableError, match="without GStreamer"):
        opencv()
