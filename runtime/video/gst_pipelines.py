"""Pipelines of GStreamer as text: NVIDIA's decoder and encoder on a Jetson.

They follow NVIDIA's Accelerated GStreamer guide for JetPack 5. They are built and tested as text;
no Jetson was at hand to run them on.
"""

from __future__ import annotations

import os
import re
from typing import Tuple

from pcsr_edge.errors import UsageError

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


def _quoted(text: str) -> str:
    """Return a property's value; what would end it and begin another element is refused.

    Raises:
        UsageError: it holds such characters.
    """
    if _UNSAFE.search(text):
        raise UsageError(f"{text!r} cannot be named in a GStreamer pipeline; rename it")
    return f'"{text}"'
