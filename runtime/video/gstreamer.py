"""GStreamer through the system's OpenCV.

OpenCV gives BGR of 8 bits, so colours are converted twice on this way, and timestamps are those of
the clock.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any, Iterator, Optional, Tuple

import numpy as np

from pcsr_edge.errors import BackendUnavailableError, InputError, OutputError
from pcsr_edge.runtime.colour import Matrix
from pcsr_edge.runtime.video.colour_tags import matrix_of
from pcsr_edge.runtime.video.convert import to_rgb
from pcsr_edge.runtime.video.frame import Frame, Tags, VideoFacts
from pcsr_edge.runtime.yuv import YuvFormat

_ERRORS = 2
"""Least important messages that OpenCV still writes, as it numbers them."""


def opencv() -> ModuleType:
    """Return OpenCV, if it speaks GStreamer.

    Raises:
        BackendUnavailableError: it is not there, or was built without GStreamer.
    """
    try:
        import cv2
    except ImportError as exc:
        raise BackendUnavailableError(
            "GStreamer needs the system's OpenCV, which this Python does not see: use a "
            "virtual environment with --system-site-packages"
        ) from exc
    if re.search(r"GStreamer:\s+YES", cv2.getBuildInformation()) is None:
        raise BackendUnavailableError(
            f"OpenCV {cv2.__version__} was built without GStreamer; on a Jetson remove "
            "opencv-python, which hides the one that JetPack brings"
        )
    if hasattr(cv2, "setLogLevel"):
        # What matters is raised; warnings about positions and durations would tear the progress.
        cv2.setLogLevel(_ERRORS)
    module: ModuleType = cv2
    return module


class GstSource:
    """A `FrameSource` of a GStreamer pipeline that ends in `appsink` with BGR.

    Args:
        pipeline: its text.
        live: whether frames do not wait to be taken.

    Raises:
        BackendUnavailableError: OpenCV does not speak GStreamer.
        InputError: the pipeline gives no frame.
    """

    def __init__(self, pipeline: str, live: bool = True) -> None:
        cv2 = opencv()
        self._pipeline = pipeline
        self._capture: Any = cv2.VideoCapture(pipeline, cv2.CAP_GSTREAMER)
        there, self._first = self._capture.read()
        if not there:
            self._capture.release()
            raise InputError(f"the GStreamer pipeline gives no frame: {pipeline}")
        rate = Fraction(self._capture.get(cv2.CAP_PROP_FPS) or 25).limit_denominator(1001)
        self.facts = VideoFacts(
            self._first.shape[:2],
            YuvFormat(),
            Matrix.BT709,
            Tags(1, 1, 1),
            1 / rate,
            rate,
            live=live,
        )

    def frames(self) -> Iterator[Frame]:
        """Yield frames as they come; see `FrameSource`."""
        there, pixels, pts = True, self._first, 0
        while there:
            rgb = pixels[..., ::-1].astype(np.float32) / np.float32(255)
            yield Frame(None, pts, 1, rgb=rgb)
            pts += 1
            there, pixels = self._capture.read()

    def close(self) -> None:
        """Stop the pipeline."""
        self._capture.release()


class GstSink:
    """A `FrameSink` to a GStreamer pipeline that begins with `appsrc` of BGR.

    Args:
        pipeline: its text.
        facts: of the frames.
        size: (H, W) of the frames.
        part: the file that the pipeline writes, which becomes `target` when it is whole.
        target: where it belongs.

    Raises:
        BackendUnavailableError: OpenCV does not speak GStreamer.
        OutputError: the pipeline does not start.
        UsageError: RGB cannot be made of the colours.
    """

    def __init__(
        self,
        pipeline: str,
        facts: VideoFacts,
        size: Tuple[int, int],
        part: Optional[Path] = None,
        target: Optional[Path] = None,
    ) -> None:
        cv2 = opencv()
        self._facts, self._matrix = facts, matrix_of(facts)
        self._part, self._target = part, target
        rate = float(facts.rate or 25)
        self._writer: Any = cv2.VideoWriter(pipeline, cv2.CAP_GSTREAMER, 0, rate, size[::-1])
        if not self._writer.isOpened():
            self.abort()
            raise OutputError(f"the GStreamer pipeline does not start: {pipeline}")

    def write(self, frame: Frame) -> None:
        """Take one frame; see `FrameSink`."""
        self._writer.write(bgr(frame, self._facts, self._matrix))

    def finish(self) -> None:
        """End the pipeline, which completes its file.

        Raises:
            OutputError: the pipeline wrote none, or it cannot get its name.
        """
        self._writer.release()
        if self._part is None or self._target is None:
            return
        try:
            os.replace(self._part, os.path.realpath(self._target))
        except OSError as exc:
            raise OutputError(
                f"{self._target} was not written by the GStreamer pipeline: {exc.strerror}"
            ) from exc

    def abort(self) -> None:
        """End the pipeline; a file that is not whole goes."""
        self._writer.release()
        if self._part is not None:
            with suppress(OSError):
                self._part.unlink()


def bgr(frame: Frame, facts: VideoFacts, matrix: Matrix) -> Any:
    """Return a frame as OpenCV has pictures: uint8 (h, w, 3), blue first."""
    assert frame.planes is not None
    rgb = to_rgb(frame.planes, facts.form, matrix)
    return np.ascontiguousarray((rgb[..., ::-1] * 255 + 0.5).astype(np.uint8))
