"""Joins segments and the untouched streams of the input in one file."""

from __future__ import annotations

import errno
import heapq
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from pcsr_edge.errors import OutputError
from pcsr_edge.runtime.video.encoder import set_up
from pcsr_edge.runtime.video.encoding import Encoding, container_of
from pcsr_edge.runtime.video.frame import VideoFacts
from pcsr_edge.runtime.video.inventory import main_video, open_input
from pcsr_edge.runtime.video.library import can_copy_chapters, pyav
from pcsr_edge.runtime.video.segment import SegmentIndex, read_packets, segment_path
from pcsr_edge.runtime.video.streams import EVERYTHING, Selection, Wanted, select
from pcsr_edge.runtime.video.timing import decoding_times, durations

_OWN_TAGS = ("major_brand", "minor_version", "compatible_brands", "encoder", "duration")
"""Metadata that describes the file it stands in, and so is not copied."""
OWN = -1
"""Stands for the stream that is encoded here."""
Timed = Tuple[Fraction, int, Any]
"""Seconds at which a packet is due, the index of its stream in the input, and the packet."""


@dataclass(frozen=True)
class Film:
    """What a result is made of."""

    folder: Path
    """Of the segments."""
    segments: Sequence[SegmentIndex]
    encoding: Encoding
    facts: VideoFacts
    size: Tuple[int, int]
    """(H, W) as encoded."""
    source: Optional[Path]
    """Where the other streams come from; None where there are none."""
    wanted: Wanted = EVERYTHING


def planned(source: Path, target: Path, wanted: Wanted, scratch: Path) -> Selection:
    """Say which streams of a file will be copied, before any work is done.

    Args:
        source: the input.
        target: the result.
        wanted: what the user wants.
        scratch: a file that may be made and deleted.

    Raises:
        UsageError: the result cannot hold a stream that is wanted.
    """
    av = pyav()
    try:
        with open_input(source) as container, av.open(
            str(scratch), "w", format=container_of(target)
        ) as output:
            return select(container, output, wanted, str(target))
    finally:
        scratch.unlink(missing_ok=True)


def write_film(film: Film, path: Path, target: Path) -> Dict[int, int]:
    """Write the result to `path`; its container is that of `target`.

    Returns:
        How many packets of copied streams were left out, by index in the input: the container
        refuses what damage made of them.

    Raises:
        OutputError: it cannot be written.
        InputError: a segment or the input cannot be read.
    """
    av = pyav()
    try:
        container, options = container_of(target), _muxer(target)
        with av.open(str(path), "w", format=container, container_options=options) as output:
            if film.source is None:
                return _write(film, output, None, Selection((), ()), target)
            with open_input(film.source) as source:
                selection = select(source, output, film.wanted, str(target))
                return _write(film, output, source, selection, target)
    except (av.error.FFmpegError, OSError, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or exc
        raise OutputError(
            f"{target} cannot be written: {reason}; the frames are kept: make room or name "
            "another container, and run the same command again"
        ) from exc


def _muxer(target: Path) -> Dict[str, str]:
    # All tags of MP4 files, not only those Apple knows; the index in front, for players that
    # begin before they have the whole file.
    mp4 = container_of(target) in ("mp4", "mov")
    return {"movflags": "use_metadata_tags+faststart"} if mp4 else {}


def _write(
    film: Film, output: Any, source: Any, selection: Selection, target: Path
) -> Dict[int, int]:
    picture = output.add_stream(film.encoding.codec, rate=film.facts.rate or Fraction(25))
    set_up(picture.codec_context, film.encoding, film.facts, film.size)
    picture.time_base = film.facts.time_base
    copies: Dict[int, Any] = {}
    if source is not None:
        copies = {index: _copy_of(source.streams[index], output) for index in selection.copied}
        _describe(source, output, picture, film.facts)
    output.start_encoding()
    header = bytes(picture.codec_context.extradata or b"").hex()
    if any(segment.header != header for segment in film.segments):
        raise OutputError(
            f"{target}: the segments were made by an encoder with another header; begin anew "
            "with --overwrite"
        )
    packets = [_picture_packets(film, picture)]
    if copies:
        packets.append(_copied_packets(source, copies))
    left_out: Dict[int, int] = {}
    for _, origin, packet in heapq.merge(*packets, key=lambda item: item[:2]):
        try:
            output.mux_one(packet)
        except pyav().error.FFmpegError as exc:
            if origin == OWN or not _unfit(exc):
                raise
            left_out[origin] = left_out.get(origin, 0) + 1
    return left_out


def _unfit(exc: Any) -> bool:
    """Return whether a packet was refused for its data, or for a time before the last one's."""
    return isinstance(exc, pyav().error.InvalidDataError) or exc.errno == errno.EINVAL


def _copy_of(stream: Any, output: Any) -> Any:
    if hasattr(output, "add_stream_from_template"):
        copy = output.add_stream_from_template(stream, opaque=True)
        copy.disposition = stream.disposition
    else:
        copy = output.add_stream(template=stream)
    copy.metadata.update(stream.metadata)
    return copy


def _describe(source: Any, output: Any, picture: Any, facts: VideoFacts) -> None:
    """Copy metadata, chapters and rotation."""
    main = main_video(source)
    for own, theirs in ((output, source), (picture, main)):
        tags = {k: v for k, v in theirs.metadata.items() if k.lower() not in _OWN_TAGS}
        own.metadata.update(tags)
    if facts.rotation:
        picture.set_display_rotation(facts.rotation)
    if can_copy_chapters():
        output.set_chapters(source.chapters())
        picture.disposition = main.disposition


def _picture_packets(film: Film, stream: Any) -> Iterator[Timed]:
    av = pyav()
    shown = [pts for segment in film.segments for _, pts, _ in segment.packets]
    lengths = durations([frame for segment in film.segments for frame in segment.frames])
    times = iter(decoding_times(shown))
    for number, segment in enumerate(film.segments):
        for stored in read_packets(segment_path(film.folder, number), segment):
            packet = av.Packet(stored.data)
            packet.stream, packet.time_base = stream, film.facts.time_base
            packet.pts, packet.dts = stored.pts, next(times)
            packet.duration = lengths[stored.pts]
            packet.is_keyframe = stored.key
            yield packet.dts * film.facts.time_base, OWN, packet


def _copied_packets(source: Any, copies: Dict[int, Any]) -> Iterator[Timed]:
    av = pyav()
    streams: List[Any] = [
        source.streams[index] for index in copies if source.streams[index].type != "attachment"
    ]
    # Packets of a stream come in order, of several streams nearly so: the muxer sorts the rest.
    latest = Fraction(-(10**9))
    packets = source.demux(streams) if streams else iter(())
    while True:
        try:
            packet = next(packets, None)
        except av.error.FFmpegError:
            # A damaged end; the check of the result compares with what could be read.
            packet = None
        if packet is None:
            return
        if packet.dts is None and packet.pts is None:
            continue
        if packet.dts is None:
            packet.dts = packet.pts
        latest = max(latest, packet.dts * packet.time_base)
        origin = packet.stream.index
        packet.stream = copies[origin]
        yield latest, origin, packet
