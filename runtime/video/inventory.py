"""What is in a video file, counted packet by packet; the header's own numbers are guesses."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple
from zlib import crc32

from pcsr_edge.errors import InputError
from pcsr_edge.runtime.video.library import packets_of, pyav

ATTACHED_PIC = 0x400
"""AV_DISPOSITION_ATTACHED_PIC."""
LEAST_MISSING = 1.0
"""Seconds by which a file may end before its header says: the last packet may have no length."""
TIMED_HEADERS = ("matroska,webm", "flv")
"""Containers, as FFmpeg names them, whose header holds a length; for others it is estimated."""


@dataclass
class StreamCount:
    """One stream in numbers."""

    kind: str
    """`video`, `audio`, `subtitle`, `data` or `attachment`."""
    codec: str
    time_base: Fraction
    packets: int = 0
    bytes: int = 0
    first: Optional[int] = None
    """Least timestamp, in ticks."""
    last: Optional[int] = None
    """Greatest timestamp."""

    def count(self, pts: Optional[int], size: int) -> None:
        """Add a packet."""
        self.packets += 1
        self.bytes += size
        if pts is not None:
            self.first = pts if self.first is None else min(self.first, pts)
            self.last = pts if self.last is None else max(self.last, pts)


@dataclass
class Inventory:
    """A whole file in numbers."""

    streams: Dict[int, StreamCount] = field(default_factory=dict)
    """By their index."""
    video: Optional[int] = None
    """Index of the stream that is the picture."""
    pts: List[int] = field(default_factory=list)
    """Timestamp of every frame of that stream, ascending."""
    frames: int = 0
    """How many frames that stream has, with or without timestamps."""
    announced: int = 0
    """How many frames its header announces; 0 where it does not."""
    hidden: int = 0
    """How many are there that are not to be shown."""
    checksum: int = 0
    """CRC-32 of all that is coded of that stream."""
    end: int = 0
    """Greatest timestamp plus duration of the frames."""
    announced_seconds: float = 0.0
    """How long the file is by its header, where that can be trusted; else 0."""
    seconds: float = 0.0
    """When the last packet of any stream ends."""

    @property
    def missing(self) -> int:
        """How many frames are announced and not there."""
        return max(0, self.announced - self.frames - self.hidden)

    @property
    def missing_seconds(self) -> float:
        """How much is announced and not there, where frames are not announced."""
        missing = self.announced_seconds - self.seconds
        return missing if missing > LEAST_MISSING else 0.0

    @property
    def timed(self) -> bool:
        """Whether every frame has a timestamp of its own."""
        return len(set(self.pts)) == self.frames

    @property
    def uneven(self) -> bool:
        """Whether frames come at other times than a constant rate would give them."""
        if not self.timed or len(self.pts) < 2:
            return False
        first, steps = self.pts[0], len(self.pts) - 1
        length = self.pts[-1] - first
        # Times are rounded to ticks, those of the ends too.
        return any(
            abs((pts - first) * steps - number * length) > 2 * steps
            for number, pts in enumerate(self.pts)
        )


def main_video(container: Any) -> Any:
    """Return the stream that is the picture: the first that is no cover; None if there is none."""
    # Where damage hit the name of the codec, there is no decoder for a stream.
    known = [stream for stream in container.streams.video if stream.codec_context is not None]
    films = [stream for stream in known if not is_cover(stream)]
    # Covers that are not marked are streams of one picture, in codecs that no film is in.
    moving = [
        stream
        for stream in films
        if stream.frames != 1 and stream.codec_context.name not in ("png", "bmp", "gif")
    ]
    return next(iter([*moving, *films]), None)


def is_cover(stream: Any) -> bool:
    """Return whether a video stream is an attached picture."""
    # PyAV 12 does not tell; its covers go by what `main_video` looks at.
    return bool(int(getattr(stream, "disposition", 0)) & ATTACHED_PIC)


def take_inventory(path: Path) -> Inventory:
    """Read a file through, without decoding.

    Raises:
        InputError: it cannot be opened, or holds no video.
    """
    av = pyav()
    with open_input(path) as container:
        main = main_video(container)
        if main is None:
            raise InputError(f"{path} holds no video stream that can be decoded")
        found = Inventory(video=main.index, announced=main.frames)
        if container.format.name in TIMED_HEADERS:
            found.announced_seconds = (container.duration or 0) / av.time_base
        slots = 0
        for stream in container.streams:
            found.streams[stream.index] = StreamCount(*_identity(stream))
        for packet in packets_of(container):
            # Flushing packets have neither data nor time.
            if packet.dts is None and packet.pts is None and packet.size == 0:
                continue
            _count(found, packet)
            if packet.stream.index == main.index:
                slots = max(slots, (packet.dts or 0) + 1)
        if "mp4" in container.format.name and main.duration is not None:
            # Its packets last until the next is decoded, not until the next is shown.
            found.end = (main.start_time or 0) + main.duration
        if container.format.name == "avi":
            # Its header counts empty chunks too, in which the frame before is shown again.
            found.hidden += max(0, slots - found.frames)
    found.pts.sort()
    if found.missing:
        # An edit list, as MP4 has them, leaves out frames that are there.
        found.hidden = max(found.hidden, _coded_frames(path) - found.frames)
    return found


def _coded_frames(path: Path) -> int:
    """Count the packets of the picture, also those that an edit list leaves out."""
    with open_input(path, {"ignore_editlist": "1"}) as container:
        return sum(packet.size > 0 for packet in packets_of(container, main_video(container)))


def address_of(path: Path) -> str:
    """Return a file's name for FFmpeg, which takes what is before a colon for a protocol."""
    return f"file:{path}"


def open_input(path: Path, options: Optional[Dict[str, str]] = None) -> Any:
    """Open a file with PyAV; `options` are FFmpeg's, of the container.

    Raises:
        InputError: it does not exist or is no file that FFmpeg knows.
    """
    av = pyav()
    try:
        return av.open(address_of(path), options=options or {}, metadata_errors="replace")
    except (av.error.FFmpegError, OSError) as exc:
        reason = getattr(exc, "strerror", None) or exc
        raise InputError(f"{path} cannot be opened as a video: {reason}") from exc


def _identity(stream: Any) -> Tuple[str, str, Fraction]:
    context = stream.codec_context
    name = "" if context is None else str(context.name)
    return stream.type, name, stream.time_base or Fraction(1, 1000)


def _count(found: Inventory, packet: Any) -> None:
    if not (is_cut(packet) or _is_gap(packet)):
        found.streams[packet.stream.index].count(packet.pts, packet.size)
    if packet.pts is not None:
        end = float((packet.pts + (packet.duration or 0)) * packet.time_base)
        found.seconds = max(found.seconds, end)
    if packet.stream.index != found.video:
        return
    found.checksum = crc32(packet, found.checksum)
    if packet.is_discard or is_hidden(packet):
        found.hidden += 1
        return
    found.frames += 1
    if packet.pts is not None:
        found.pts.append(packet.pts)
        found.end = max(found.end, packet.pts + (packet.duration or 0))


def is_cut(packet: Any) -> bool:
    """Return whether a packet holds a subtitle that an edit list leaves out.

    Audio that is left out is another matter: decoders need it for what follows.
    """
    return bool(packet.stream.type == "subtitle" and packet.is_discard)


def _is_gap(packet: Any) -> bool:
    """Return whether a packet is one of those that fill the time between subtitles in MP4."""
    # No text of a length of 0, in two bytes; muxers put them where they need them.
    gap = packet.stream.type == "subtitle" and packet.stream.codec_context.name == "mov_text"
    return bool(gap and packet.size <= 2)


def is_hidden(packet: Any) -> bool:
    """Return whether a packet holds a frame that is never shown, as VP8 has them."""
    if packet.stream.codec_context.name != "vp8" or packet.size < 1:
        return False
    # RFC 6386, section 9.1: bit 4 of the first byte is show_frame.
    return not memoryview(packet)[0] >> 4 & 1
