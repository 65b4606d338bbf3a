"""Which streams of the input go into the result as they are, and whether it can hold them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, NamedTuple, Optional, Tuple

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.video.covers import ITUNES_TAGS, has_cover, holds_cover
from pcsr_edge.runtime.video.inventory import is_cover, main_video
from pcsr_edge.runtime.video.library import can_copy_chapters

_CODECS = {"libdav1d": "av1", "libopus": "opus", "libvorbis": "vorbis", "srt": "subrip"}
"""Decoders whose codec has another name."""


class Wanted(NamedTuple):
    """What of the input is wanted in the result, besides the picture."""

    audio: bool = True
    subtitles: bool = True


EVERYTHING = Wanted()
OWN_TAGS = ("major_brand", "minor_version", "compatible_brands", "encoder", "duration")
"""Metadata that describes the file it stands in, and so is not copied."""


@dataclass(frozen=True)
class Selection:
    """Streams to copy, by index, and what is left behind."""

    copied: Tuple[int, ...]
    notes: Tuple[str, ...]


def select(source: Any, output: Any, wanted: Wanted, name: str) -> Selection:
    """Choose the streams to copy.

    Args:
        source: the input, as PyAV has it.
        output: the result, opened for writing, so that it tells what it can hold.
        wanted: what the user wants.
        name: of the result, for messages.

    Raises:
        UsageError: an audio or subtitle stream is wanted and the container cannot hold it.
    """
    main = main_video(source)
    copied: List[int] = []
    notes: List[str] = []
    for stream in source.streams:
        if stream.index == main.index or _unwanted(stream, wanted):
            continue
        codec = codec_name(stream)
        if _holds(output, stream, codec):
            copied.append(stream.index)
            if stream.type == "video" and not is_cover(stream):
                notes.append(f"video stream {stream.index} ({codec}) is copied as it is")
        elif stream.type in ("audio", "subtitle"):
            mend = f"leave it out with {'--no-audio' if stream.type == 'audio' else '--no-subs'}"
            if codec == "mov_text" or output.format.name != "matroska":
                other = ".mp4" if codec == "mov_text" else ".mkv"
                mend = f"name an {other} file, or {mend}"
            raise UsageError(
                f"{name} cannot hold {stream.type} stream {stream.index} ({codec}) as it is; {mend}"
            )
        elif not _is_made_anew(stream, source):
            notes.append(
                f"{stream.type} stream {stream.index} ({codec or 'of unknown kind'}) is not "
                f"kept: {output.format.name} cannot hold it"
            )
    if output.format.name == "mp4" and has_cover(source):
        kept = {*ITUNES_TAGS, *OWN_TAGS}
        lost = sorted({tag.lower() for tag in source.metadata} - kept)
        if lost:
            notes.append(f"MP4 does not hold these tags beside a cover: {', '.join(lost)}")
    # Containers put covers and attachments behind the other streams.
    copied.sort(key=lambda index: _is_file(source.streams[index]))
    if not can_copy_chapters():
        notes.append("chapters, if it has any, are not copied: this PyAV cannot")
    return Selection(tuple(copied), tuple(notes))


def codec_name(stream: Any) -> Optional[str]:
    """Return the name of a stream's codec, None where FFmpeg does not know it."""
    context = stream.codec_context
    if context is None:
        return None
    # PyAV 12 has the name of the decoder alone.
    return str(getattr(context.codec, "canonical_name", _CODECS.get(context.name, context.name)))


def _unwanted(stream: Any, wanted: Wanted) -> bool:
    return (stream.type == "audio" and not wanted.audio) or (
        stream.type == "subtitle" and not wanted.subtitles
    )


def _holds(output: Any, stream: Any, codec: Optional[str]) -> bool:
    if is_cover(stream):
        return holds_cover(output, codec)
    if stream.type == "attachment":
        return output.format.name == "matroska" and hasattr(output, "add_attachment")
    return stream.type in ("audio", "subtitle", "video") and codec in output.supported_codecs


def _is_file(stream: Any) -> bool:
    return stream.type == "attachment" or is_cover(stream)


def _is_made_anew(stream: Any, source: Any) -> bool:
    """Return whether what a data stream says is in the result without it."""
    if stream.type != "data":
        return False
    if "timecode" in stream.metadata:
        # The picture has this tag too, of which MP4 makes such a stream.
        return True
    # MP4 keeps the titles of chapters so, one in a packet.
    chapters = source.chapters() if hasattr(source, "chapters") else []
    return bool(chapters) and stream.frames == len(chapters)
