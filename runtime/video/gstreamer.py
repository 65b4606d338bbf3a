"""GStreamer through the system's OpenCV: NVIDIA's decoder and encoder on a Jetson.

The pipelines follow NVIDIA's Accelerated GStreamer guide for JetPack 5. They are built and tested
as text; no Jetson was at hand to run them on. OpenCV gives BGR of 8 bits, so colours are
converted twice on this way, and timestamps are those of the clock.
"""

from __future__ import annotations

import os
import re
from fractions import Fraction
from types import ModuleType
from typing import Any, Iterator, Tuple

import numpy as np

from pcsr_edge.errors import BackendUnavailableError, InputError, OutputError, UsageError
from pcsr_edge.runtime.colour import Matrix
from pcsr_edge.runtime.video.convert import to_rgb
from pcsr_edge.runtime.video.frame import Frame, Tags, VideoFacts
from pcsr_edge.runtime.yuv import YuvFormat

TO_OPENCV = "nvvidconv ! video/x-raw,format=BGRx ! videoconvert ! video/x-raw,format=BGR ! appsink"
"""nvvidconv cannot make BGR itself."""
FROM_OPENCV = (
    "appsrc ! video/x-raw,format=BGR ! videoconvert ! video/x-raw,format=BGRx ! nvvidconv ! "
    "video/x-raw(memory:NVMM),format=NV12"
)
PARSERS = {"h264": "h264parse", "h265": "h265parse", "hevc": "h265parse"}
DEMUXERS = {".mp4": "qtdemux", ".mov": "qtdemux", ".m4v": "qtdemux", ".mkv": "matroskademux"}
MUXERS = {".mp4": "qtmux", ".mov": "qtmux", ".m4v": "qtmux", ".mkv": "matroskamux"}
NVDEC = "nvdec:"
"""Before a file or an RTSP address: NVIDIA's decoder, for H.264."""
ENCODERS = {"nvv4l2h264enc": "h264", "nvv4l2h265enc": "h265"}
_ERRORS = 2
"""Least important messages that OpenCV still writes, as it numbers them."""
_UNSAFE = re.compile(r'["\\!\n]')


def file_decoder(path: str, suffix: str, codec: str) -> str:
    """Return the pipeline that decodes a file.

    Raises:
        UsageError: the container or codec is none that NVIDIA's decoder is used for.
    """
    if suffix not in DEMUXERS or codec not in PARSERS:
        raise UsageError(f"{codec} in {suffix} is not decoded through GStreamer; use FFmpeg")
    return (
        f"filesrc location={_quoted(path)} ! {DEMUXERS[suffix]} ! queue ! {PARSERS[codec]} ! "
        f"nvv4l2decoder enable-max-performance=1 ! {TO_OPENCV} drop=0 max-buffers=2 sync=false"
    )


def decoder_of(address: str) -> str:
    """Return the pipeline that `nvdec:PATH` or `nvdec:rtsp://…` asks for.

    Raises:
        UsageError: the container is none that NVIDIA's decoder is used for.
    """
    place = address[len(NVDEC) :]
    if place.startswith("rtsp"):
        return rtsp_decoder(place)
    return file_decoder(place, os.path.splitext(place)[1].lower(), "h264")


def rtsp_decoder(address: str, codec: str = "h264", latency_ms: int = 100) -> str:
    """Return the pipeline that decodes an RTSP stream."""
    depay = "rtph264depay" if codec == "h264" else "rtph265depay"
    return (
        f"rtspsrc location={_quoted(address)} latency={latency_ms} ! {depay} ! {PARSERS[codec]} ! "
        f"nvv4l2decoder ! {TO_OPENCV} drop=1 max-buffers=2"
    )


def camera(number: int, size: Tuple[int, int], rate: int) -> str:
    """Return the pipeline of a CSI camera: (h, w) and frames per second."""
    return (
        f"nvarguscamerasrc sensor-id={number} ! video/x-raw(memory:NVMM),width={size[1]},"
        f"height={size[0]},framerate={rate}/1,format=NV12 ! {TO_OPENCV} drop=1 max-buffers=2"
    )


def file_encoder(path: str, suffix: str, codec: str = "h265", bits_per_second: int = 0) -> str:
    """Return the pipeline that encodes a file; a rate of 0 leaves it to the encoder.

    Raises:
        UsageError: the container or codec is none that NVIDIA's encoder is used for.
    """
    if suffix not in MUXERS or codec not in PARSERS:
        raise UsageError(f"{codec} in {suffix} is not encoded through GStreamer; use FFmpeg")
    name = "nvv4l2h264enc" if codec == "h264" else "nvv4l2h265enc"
    rate = f" bitrate={bits_per_second}" if bits_per_second else ""
    return (
        f"{FROM_OPENCV} ! {name} insert-sps-pps=true maxperf-enable=1{rate} ! {PARSERS[codec]} ! "
        f"{MUXERS[suffix]} ! filesink location={_quoted(path)}"
    )


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

    Raises:
        BackendUnavailableError: OpenCV does not speak GStreamer.
        OutputError: the pipeline does not start.
    """

    def __init__(self, pipeline: str, facts: VideoFacts, size: Tuple[int, int]) -> None:
        cv2 = opencv()
        assert facts.matrix is not None
        self._facts, self._matrix = facts, facts.matrix
        rate = float(facts.rate or 25)
        self._writer: Any = cv2.VideoWriter(pipeline, cv2.CAP_GSTREAMER, 0, rate, size[::-1])
        if not self._writer.isOpened():
            raise OutputError(f"the GStreamer pipeline does not start: {pipeline}")

    def write(self, frame: Frame) -> None:
        """Take one frame; see `FrameSink`."""
        self._writer.write(bgr(frame, self._facts, self._matrix))

    def finish(self) -> None:
        """End the pipeline, which completes its file."""
        self._writer.release()

    def abort(self) -> None:
        """Likewise."""
        self._writer.release()


def bgr(frame: Frame, facts: VideoFacts, matrix: Matrix) -> Any:
    """Return a frame as OpenCV has pictures: uint8 (h, w, 3), blue first."""
    assert frame.planes is not None
    rgb = to_rgb(frame.planes, facts.form, matrix)
    return np.ascontiguousarray((rgb[..., ::-1] * 255 + 0.5).astype(np.uint8))


def _quoted(text: str) -> str:
    """Return a property's value; what would end it and begin another element is refused.

    Raises:
        UsageError: it holds such characters.
    """
    if _UNSAFE.search(text):
        raise UsageError(f"{text!r} cannot be named in a GStreamer pipeline; rename it")
    return f'"{text}"'
