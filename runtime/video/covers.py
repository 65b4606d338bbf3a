"""Covers: pictures that stand for a whole film, which each container keeps in its own way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pcsr_edge.errors import InputError
from pcsr_edge.runtime.video.inventory import is_cover, open_input

_FILES = {
    "mjpeg": ("cover.jpg", "image/jpeg"),
    "png": ("cover.png", "image/png"),
    "bmp": ("cover.bmp", "image/bmp"),
}
"""By the codec: name and media type of an attachment that players take for a cover."""
ITUNES_TAGS = (
    *("title", "artist", "album_artist", "composer", "album", "date", "comment", "genre"),
    *("copyright", "grouping", "lyrics", "description", "synopsis", "show", "episode_id"),
    *("network", "keywords", "episode_sort", "season_number", "media_type", "hd_video"),
    *("gapless_playback", "compilation", "track", "disc", "tmpo", "creation_time"),
)
"""Metadata that MP4 holds beside a cover, by FFmpeg's names."""


def holds_cover(output: Any, codec: Any) -> bool:
    """Return whether a container that is open for writing can hold a cover."""
    if codec not in _FILES:
        return False
    name = output.format.name
    return name == "mp4" or (name == "matroska" and hasattr(output, "add_attachment"))


def has_cover(source: Any) -> bool:
    """Return whether an open file has a cover that can be told from a film."""
    return any(is_cover(stream) for stream in source.streams.video)


def attach_cover(path: Path, stream: Any, output: Any) -> None:
    """Put a cover of the file at `path` into a Matroska file, which holds it as an attachment.

    Raises:
        InputError: it cannot be read.
    """
    # Read apart: the packets of `stream` are still to be read from the beginning.
    with open_input(path) as container:
        for packet in container.demux(container.streams[stream.index]):
            if packet.size:
                name, kind = _FILES[stream.codec_context.name]
                tags = stream.metadata
                output.add_attachment(
                    tags.get("filename", name), tags.get("mimetype", kind), bytes(packet)
                )
                return
    raise InputError(f"{path}: its cover, stream {stream.index}, cannot be read")
