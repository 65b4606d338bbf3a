"""Encodes frames, a segment at a time."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Dict, List, NamedTuple, Tuple

import numpy as np

from pcsr_edge.errors import OutputError, UsageError
from pcsr_edge.runtime.colour import Range
from pcsr_edge.runtime.sampling import Siting
from pcsr_edge.runtime.video.av_planes import FULL, picture_of
from pcsr_edge.runtime.video.encoding import Encoding, coded_size
from pcsr_edge.runtime.video.frame import Frame, VideoFacts
from pcsr_edge.runtime.video.library import pyav
from pcsr_edge.runtime.yuv import Yuv

STUDIO = 1
PARAMETERS = {"libx264": "x264-params", "libx265": "x265-params"}
"""Option by which an encoder takes those that FFmpeg has no name for."""
GLOBAL_HEADER = 1 << 22
"""AV_CODEC_FLAG_GLOBAL_HEADER: all segments share one header, which the container holds."""


RGB, BT601 = 0, 5
"""Matrices, as ITU-T H.273 numbers them."""
_SPACES = {1: 1, 5: 5, 6: 5, 9: 9}
"""Coefficients of swscale by the number of the matrix."""


class Coded(NamedTuple):
    """The colours of a picture as it is encoded."""

    matrix: int
    swing: int
    """As FFmpeg numbers it."""


class Packet(NamedTuple):
    """One encoded frame."""

    data: bytes
    pts: int
    key: bool


def set_up(context: Any, encoding: Encoding, facts: VideoFacts, size: Tuple[int, int]) -> None:
    """Give an encoder, of a stream or alone, all its settings."""
    context.height, context.width = size
    context.pix_fmt = encoding.pix_fmt
    context.time_base = facts.time_base
    context.framerate = facts.rate or Fraction(25)
    context.thread_count = encoding.threads
    coded = coded_colours(encoding, facts)
    context.color_range = coded.swing
    context.colorspace = coded.matrix
    context.color_primaries = facts.tags.primaries
    context.color_trc = facts.tags.transfer
    if facts.aspect is not None:
        context.sample_aspect_ratio = facts.aspect
    context.options = _options(encoding, facts)


def _options(encoding: Encoding, facts: VideoFacts) -> Dict[str, str]:
    options = dict(encoding.options)
    own: List[str] = []
    if facts.form.siting is Siting.CENTRE:
        # Players take LEFT where nothing is said. ITU-T H.264, annex E: type 1 is CENTRE.
        own.append("chromaloc=1")
    if encoding.codec == "libx265":
        # It writes to stderr by itself, where the progress is.
        own.append("log-level=error")
    if own and encoding.codec in PARAMETERS:
        name = PARAMETERS[encoding.codec]
        # The last one counts, and the user's are to.
        options[name] = ":".join([*own, *filter(None, [options.get(name)])])
    return options


def open_alone(encoding: Encoding, facts: VideoFacts, size: Tuple[int, int]) -> Any:
    """Return an open encoder that belongs to no file.

    Raises:
        UsageError: it refuses a setting, or does not know an option.
    """
    av = pyav()
    context = av.CodecContext.create(encoding.codec, "w")
    try:
        set_up(context, encoding, facts, size)
        context.flags |= GLOBAL_HEADER
        context.open()
    except (av.error.FFmpegError, ValueError) as exc:
        settings = " ".join(f"-e {name}={value}" for name, value in encoding.options.items())
        raise UsageError(
            f"encoder {encoding.codec} refuses {size[1]}x{size[0]} {encoding.pix_fmt} with "
            f"{settings or 'its defaults'}: {getattr(exc, 'strerror', None) or exc}"
        ) from exc
    # Opening takes the options that are known, and leaves the others.
    unknown = sorted(context.options)
    if unknown:
        raise UsageError(
            f"encoder {encoding.codec} knows no option {unknown[0]!r}; see "
            f"`ffmpeg -h encoder={encoding.codec}`"
        )
    return context


class Encoder:
    """Encodes the frames of one segment, which then stands by itself.

    Args:
        encoding: how.
        facts: of the stream, whose times and colours the result has.
        size: (H, W) of the frames.

    Raises:
        UsageError: the encoder refuses a setting.
    """

    def __init__(self, encoding: Encoding, facts: VideoFacts, size: Tuple[int, int]) -> None:
        self._encoding, self._facts = encoding, facts
        self._size = coded_size(encoding, size)
        self._context = open_alone(encoding, facts, self._size)
        self._own = Coded(facts.tags.matrix, swing_number(facts))
        self._coded = coded_colours(encoding, facts)

    @property
    def header(self) -> bytes:
        """What a decoder must know before the first packet."""
        return bytes(self._context.extradata or b"")

    def encode(self, frame: Frame) -> List[Packet]:
        """Take a frame, and return the packets that are ready."""
        assert frame.planes is not None
        picture = picture_of(_padded(frame.planes, self._size))
        picture.colorspace = self._facts.tags.matrix
        picture.color_range = swing_number(self._facts)
        if picture.format.name != self._encoding.pix_fmt or self._coded != self._own:
            picture = self._converted(picture)
        picture.pts, picture.time_base = frame.pts, self._facts.time_base
        return self._packets(picture)

    def flush(self) -> List[Packet]:
        """Return the last packets; no frame may follow."""
        return self._packets(None)

    def _converted(self, picture: Any) -> Any:
        """Bring a picture to the format and the colours that are encoded."""
        from av.video.reformatter import ColorRange

        ranges = {FULL: ColorRange.JPEG, STUDIO: ColorRange.MPEG}
        spaces = {}
        if self._coded.matrix != self._own.matrix:
            spaces = {
                "src_colorspace": _SPACES.get(self._own.matrix),
                "dst_colorspace": _SPACES.get(self._coded.matrix),
            }
        return picture.reformat(
            format=self._encoding.pix_fmt,
            src_color_range=ranges[self._own.swing],
            dst_color_range=ranges[self._coded.swing],
            **spaces,
        )

    def _packets(self, picture: Any) -> List[Packet]:
        av = pyav()
        try:
            packets = self._context.encode(picture)
        except av.error.FFmpegError as exc:
            raise OutputError(
                f"encoder {self._encoding.codec} failed: {exc.strerror}; try another --codec"
            ) from exc
        return [Packet(bytes(packet), packet.pts, bool(packet.is_keyframe)) for packet in packets]


def coded_colours(encoding: Encoding, facts: VideoFacts) -> Coded:
    """Return the colours as encoded: those of the frames, unless the format says otherwise."""
    matrix, swing = facts.tags.matrix, swing_number(facts)
    if pyav().VideoFormat(encoding.pix_fmt).is_rgb:
        return Coded(RGB, FULL)
    if encoding.codec in ("mjpeg", "ljpeg"):
        return Coded(BT601, FULL)
    return Coded(matrix, FULL if encoding.pix_fmt.startswith("yuvj") else swing)


def swing_number(facts: VideoFacts) -> int:
    """Return the range as FFmpeg numbers it."""
    return FULL if facts.form.swing is Range.FULL else STUDIO


def _padded(planes: Yuv, size: Tuple[int, int]) -> Yuv:
    """Repeat the last row and column where the size is to be even; chroma has them already."""
    height, width = planes.y.shape
    if (height, width) == size:
        return planes
    more = ((0, size[0] - height), (0, size[1] - width))
    return Yuv(np.pad(planes.y, more, mode="edge"), planes.cb, planes.cr)
