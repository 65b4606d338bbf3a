"""Joins segments and the untouched streams of the input in one file."""

from __future__ import annotations

import errno
import heapq
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from pathlib import Path
from typing import Any, Dict, Iterator, Optional, Sequence, Tuple

from pcsr_edge.errors import OutputError, PcsrEdgeError, UsageError
from pcsr_edge.runtime.video.copying import Timed, copied_packets, copy_of
from pcsr_edge.runtime.video.covers import attach_cover, has_cover
from pcsr_edge.runtime.video.encoder import set_up
from pcsr_edge.runtime.video.encoding import Encoding, container_of
from pcsr_edge.runtime.video.frame import VideoFacts
from pcsr_edge.runtime.video.inventory import address_of, is_cover, main_video, open_input
from pcsr_edge.runtime.video.library import can_copy_chapters, pyav
from pcsr_edge.runtime.video.segment import SegmentIndex, read_packets, segment_path
from pcsr_edge.runtime.video.streams import EVERYTHING, OWN_TAGS, Selection, Wanted, select
from pcsr_edge.runtime.video.timing import decoding_times, durations

MOVIE_TICKS = 1000
"""Ticks per second in which MP4 files say how much later a stream begins, where nothing is said."""
_MOST_TICKS = 2**31 - 1
HEVC = 173
"""AV_CODEC_ID_HEVC."""
OWN = -1
"""Stands for the stream that is encoded here."""


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


def planned(film: Film, target: Path, scratch: Path) -> Selection:
    """Say which streams of the input will be copied, before any work is done.

    Args:
        film: the result, of which no frame needs to be there.
        target: where it is to lie.
        scratch: a file that may be made and deleted.

    Raises:
        UsageError: the container cannot hold the picture, or a stream that is wanted.
        OutputError: nothing can be written.
    """
    av = pyav()
    try:
        with _opened(film, scratch, target) as (output, source):
            selection = _selected(film, output, source, target)
            _begun(film, output, source, selection)
            return selection
    except PcsrEdgeError:
        raise
    except (av.error.FFmpegError, OSError, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or exc
        if isinstance(exc, OSError) and not _unfit(exc):
            raise OutputError(f"{target} cannot be written: {reason}") from exc
        raise UsageError(
            f"{target} cannot hold video of {film.encoding.codec} and the streams beside it: "
            f"{reason}; name another container or codec"
        ) from exc
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
        with _opened(film, path, target) as (output, source):
            selection = _selected(film, output, source, target)
            return _write(film, output, source, selection, target)
    except (av.error.FFmpegError, OSError, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or exc
        raise OutputError(
            f"{target} cannot be written: {reason}; the frames are kept: make room or name "
            "another container, and run the same command again"
        ) from exc


@contextmanager
def _opened(film: Film, path: Path, target: Path) -> Iterator[Tuple[Any, Any]]:
    """Open the result at `path` and the input, None where there is none."""
    container = container_of(target)
    with ExitStack() as stack:
        source = None
        if film.source is not None:
            source = stack.enter_context(open_input(film.source))
        options = _muxer(film, source, container) if container in ("mp4", "mov") else {}
        output = pyav().open(address_of(path), "w", format=container, container_options=options)
        yield stack.enter_context(output), source


def _selected(film: Film, output: Any, source: Any, target: Path) -> Selection:
    if source is None:
        return Selection((), ())
    return select(source, output, film.wanted, str(target))


def _muxer(film: Film, source: Any, container: str) -> Dict[str, str]:
    """Return options of MP4 and MOV."""
    # The index in front, for players that begin before they have the whole file.
    flags = "faststart"
    if source is None or container == "mov" or not has_cover(source):
        # All tags, not only those Apple knows; FFmpeg leaves covers out beside them, and in MOV.
        flags += "+use_metadata_tags"
    begins = [index.frames[0][0] * film.facts.time_base for index in film.segments[:1]]
    for stream in () if source is None else source.streams:
        if stream.start_time is not None and stream.time_base is not None:
            begins.append(stream.start_time * stream.time_base)
    ticks = MOVIE_TICKS
    for begin in begins:
        # So that it is told exactly how much later one stream begins than another.
        finer = ticks * begin.denominator // gcd(ticks, begin.denominator)
        ticks = finer if finer <= _MOST_TICKS else ticks
    return {"movflags": flags, "movie_timescale": str(ticks)}


def _begun(
    film: Film, output: Any, source: Any, selection: Selection
) -> Tuple[Any, Dict[int, Any]]:
    """Make the streams of the result: that of the picture, and the copies by index."""
    picture = output.add_stream(film.encoding.codec, rate=film.facts.rate or Fraction(25))
    set_up(picture.codec_context, film.encoding, film.facts, film.size)
    if picture.codec_context.codec.id == HEVC and output.format.name in ("mp4", "mov"):
        # FFmpeg writes hev1, which QuickTime does not play: hvc1 promises that all that a decoder
        # must know is in the header, as it is here.
        picture.codec_context.codec_tag = "hvc1"
    picture.time_base = film.facts.time_base
    copies: Dict[int, Any] = {}
    if source is not None:
        assert film.source is not None
        for index in selection.copied:
            stream = source.streams[index]
            if is_cover(stream) and output.format.name == "matroska":
                attach_cover(film.source, stream, output)
            else:
                copies[index] = copy_of(stream, output)
        _describe(source, output, picture, film.facts)
    output.start_encoding()
    return picture, copies


def _write(
    film: Film, output: Any, source: Any, selection: Selection, target: Path
) -> Dict[int, int]:
    picture, copies = _begun(film, output, source, selection)
    header = bytes(picture.codec_context.extradata or b"").hex()
    if any(segment.header != header for segment in film.segments):
        raise OutputError(
            f"{target}: the segments were made by an encoder with another header; begin anew "
            "with --overwrite"
        )
    packets = [_picture_packets(film, picture)]
    if copies:
        packets.append(copied_packets(source, copies))
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


def _describe(source: Any, output: Any, picture: Any, facts: VideoFacts) -> None:
    """Copy metadata, chapters and rotation."""
    main = main_video(source)
    for own, theirs in ((output, source), (picture, main)):
        tags = {k: v for k, v in theirs.metadata.items() if k.lower() not in OWN_TAGS}
        own.metadata.update(tags)
    if facts.mirror is not None and hasattr(picture, "set_display_matrix"):
        picture.set_display_matrix(facts.mirror)
    elif facts.rotation:
        picture.set_display_rotation(facts.rotation)
    if can_copy_chapters():
        output.set_chapters(source.chapters())
        picture.disposition = main.disposition


def _picture_packets(film: Film, stream: Any) -> Iterator[Timed]:
    av = pyav()
    shown = [pts for segment in film.segments for _, pts, _ in segment.packets]
    lengths = durations([frame for segment in film.segments for frame in segment.frames])
    times = iter(decoding_times(shown, lengths))
    for number, segment in enumerate(film.segments):
        for stored in read_packets(segment_path(film.folder, number), segment):
            packet = av.Packet(stored.data)
            packet.stream, packet.time_base = stream, film.facts.time_base
            packet.pts, packet.dts = stored.pts, next(times)
            packet.duration = lengths[stored.pts]
            packet.is_keyframe = stored.key
            yield packet.dts * film.facts.time_base, OWN, packet
