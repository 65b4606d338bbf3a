"""How a result is encoded: containers, encoders, and their settings where none are given."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Dict, Mapping, Optional, Tuple

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.video.av_planes import FORMATS
from pcsr_edge.runtime.video.library import pyav

CODECS = {
    "h264": "libx264",
    "h265": "libx265",
    "hevc": "libx265",
    "vp9": "libvpx-vp9",
    "av1": "libsvtav1",
}
"""Short names; any encoder of FFmpeg can be named by its own."""
DEFAULTS: Dict[str, Dict[str, str]] = {
    # Visually lossless by the usual reckoning of their authors and of FFmpeg's.
    # As good and as small as x264's own preset on enlarged pictures, in two thirds of its time.
    # It looks ahead half as far as that preset: what it holds back comes out when nothing else
    # is left to do.
    "libx264": {"crf": "17", "preset": "faster", "rc-lookahead": "10"},
    "libx265": {"crf": "18"},
    "libvpx-vp9": {"crf": "15", "b": "0"},
    "libsvtav1": {"crf": "18"},
}
CONTAINERS = {
    ".mp4": "mp4",
    ".m4v": "mp4",
    ".mov": "mov",
    ".mkv": "matroska",
    ".webm": "webm",
}
"""Suffixes that can be written."""
EVEN_ONLY = ("libx264", "libx265", "h264_nvenc", "hevc_nvenc", "h264_v4l2m2m", "hevc_v4l2m2m")
"""Encoders that refuse odd sizes in 4:2:0."""


@dataclass(frozen=True)
class Encoding:
    """How a result is encoded."""

    codec: str
    """Name of the encoder, as FFmpeg has it."""
    pix_fmt: str
    options: Mapping[str, str] = field(default_factory=dict)
    """Options of the encoder, by FFmpeg's names."""
    threads: int = 1


def choose_encoding(
    path: PurePath,
    bits: int,
    *,
    codec: Optional[str] = None,
    pix_fmt: Optional[str] = None,
    options: Optional[Mapping[str, str]] = None,
    threads: int = 1,
) -> Encoding:
    """Settle the encoder of a result.

    Args:
        path: of the result; its suffix names the container.
        bits: depth of the frames.
        codec: a name of `CODECS` or of an encoder; by default H.264, in WebM VP9.
        pix_fmt: by default 4:2:0 of that depth.
        options: of the encoder, besides `DEFAULTS` and in place of them.
        threads: of the encoder.

    Raises:
        UsageError: there is no such container, encoder or pixel format, or they do not go
            together.
    """
    av = pyav()
    container = container_of(path)
    name = codec or ("vp9" if container == "webm" else "h264")
    name = CODECS.get(name, name)
    try:
        encoder = av.codec.Codec(name, "w")
    except (ValueError, av.error.FFmpegError) as exc:
        known = ", ".join(sorted(CODECS))
        raise UsageError(
            f"there is no encoder {name!r} in this FFmpeg; expected {known}, or the name of an "
            "encoder such as libx264"
        ) from exc
    if encoder.type != "video":
        raise UsageError(f"{name} encodes {encoder.type}, not video")
    wanted = pix_fmt or FORMATS[bits]
    formats = [fmt.name for fmt in encoder.video_formats or ()]
    if formats and wanted not in formats:
        raise UsageError(
            f"encoder {name} takes no {wanted}; it takes {', '.join(formats)}: name one of them "
            "with --pix-fmt, or another codec"
        )
    return Encoding(name, wanted, _settings(name, options or {}), threads)


def _settings(name: str, options: Mapping[str, str]) -> Dict[str, str]:
    """Return the options of an encoder: the user's, and defaults that do not gainsay them."""
    defaults = DEFAULTS.get(name, {})
    if "b" in options or "qp" in options:
        # An encoder that is given a quality does not look at these.
        defaults = _without(defaults, "crf", "b")
    if "preset" in options or "zerolatency" in options.get("tune", ""):
        # These say how far an encoder looks ahead.
        defaults = _without(defaults, "rc-lookahead")
    return {**defaults, **options}


def _without(options: Mapping[str, str], *names: str) -> Dict[str, str]:
    return {key: value for key, value in options.items() if key not in names}


def container_of(path: PurePath) -> str:
    """Return FFmpeg's name of the container that a suffix stands for.

    Raises:
        UsageError: it stands for none that can be written.
    """
    suffix = path.suffix.lower()
    if suffix not in CONTAINERS:
        raise UsageError(
            f"{path}: video cannot be written as {suffix or 'a file without suffix'}; expected "
            f"{', '.join(CONTAINERS)}"
        )
    return CONTAINERS[suffix]


def coded_size(encoding: Encoding, size: Tuple[int, int]) -> Tuple[int, int]:
    """Return (H, W) as it is encoded: even where the encoder asks for it."""
    if encoding.codec not in EVEN_ONLY:
        return size
    return size[0] + size[0] % 2, size[1] + size[1] % 2
