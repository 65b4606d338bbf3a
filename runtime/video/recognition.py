"""Tells videos from other inputs: by their address, their suffix, their first bytes."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Optional

from pcsr_edge.runtime.images import SUFFIXES

VIDEO_NAME = re.compile(
    r".*\.(3gp|asf|avi|f4v|flv|h264|h265|hevc|ivf|m2ts|m4v|mkv|mov|mp4|mpe?g|mts|mxf|nut|ogv|ts"
    r"|vob|webm|wmv|y4m)",
    re.IGNORECASE | re.DOTALL,
)
"""Names of video files."""
LIVE = re.compile(r"(rtsps?|https?|rtp|udp|tcp|srt|rtmp|v4l2|csi|gst)://.+|/dev/video\d+")
"""Cameras and streams: they come when they come, and only once."""
DISPLAY = re.compile(r"display://(\d*)")
NUMBERED = re.compile(r"%0?\d*d")
"""The number in a name such as `frame_%05d.png`."""
PIPE = "-"
Y4M = b"YUV4MPEG2"
_HEAD = 2 * 188
_TS_SYNC = 0x47


def is_video(text: str) -> bool:
    """Return whether an input is a video: a file, a camera, a stream, or `-`."""
    if text == PIPE or text.startswith("nvdec:") or LIVE.fullmatch(text):
        return True
    if VIDEO_NAME.fullmatch(text):
        return True
    suffix = os.path.splitext(text)[1].lower()
    return suffix not in SUFFIXES and os.path.isfile(text) and _begins_like_video(Path(text))


def is_sequence(text: str) -> bool:
    """Return whether a name stands for numbered pictures, such as `frame_%05d.png`."""
    suffix = os.path.splitext(text)[1].lower()
    return NUMBERED.search(os.path.basename(text)) is not None and suffix in SUFFIXES


def is_video_output(text: Optional[str]) -> bool:
    """Return whether an output is one that frames go to one after the other."""
    if text is None:
        return False
    if text == PIPE or DISPLAY.fullmatch(text) or text.startswith("gst://") or is_sequence(text):
        return True
    return VIDEO_NAME.fullmatch(text) is not None and not os.path.isdir(text)


def _begins_like_video(path: Path) -> bool:
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    if head[4:8] == b"ftyp":
        # AVIF and HEIC pictures lie in the same kind of box.
        return head[8:12] not in (b"avif", b"avis", b"heic", b"heix", b"mif1")
    if head[:4] == b"RIFF":
        return head[8:12] == b"AVI "
    magic = (b"\x1a\x45\xdf\xa3", b"FLV\x01", b"OggS", b"\x00\x00\x01\xba", Y4M)
    is_stream = len(head) > 188 and head[0] == head[188] == _TS_SYNC
    return head.startswith(magic) or is_stream
