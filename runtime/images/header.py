"""What the first bytes of a picture file say, before any decoder sees it."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import NamedTuple, Optional, Tuple

from pcsr_edge.errors import InputError
from pcsr_edge.runtime.images.formats import FORMATS

HEADER_BYTES = 32
MAX_PIXELS = 100_000_000
"""How many pixels an input may claim unless the caller allows more."""

Size = Tuple[int, int]

_BYTE = 8

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
    (b"BM", "bmp"),
)


class Header(NamedTuple):
    """The kind of a picture file, by its content and not by its name."""

    format: str
    """Key of `FORMATS`."""
    size: Optional[Size] = None
    """(h, w) where the first bytes tell it (PNG, WebP)."""
    exact_in_pillow: bool = True
    """False for a PNG that Pillow changes, see `_png_header`, and for every TIFF: depending on its
    version Pillow turns some of them itself, and it knows only some kinds with 16 bits."""


def read_header(head: bytes) -> Optional[Header]:
    """Interpret the first `HEADER_BYTES` of a file; None if it is no known picture."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Header("webp", _webp_size(head))
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return _png_header(head) if name == "png" else Header(name, None, name != "tiff")
    return None


def _png_header(head: bytes) -> Header:
    if head[12:16] != b"IHDR" or len(head) < HEADER_BYTES:
        return Header("png")
    width, height, depth, colour = struct.unpack(">IIBB", head[16:26])
    # Bit 0 of the colour type is the palette. Pillow cuts 16 bits to 8, and takes the transparent
    # value of grays with fewer than 8 bits for one of 8.
    return Header("png", (height, width), depth == _BYTE or bool(colour & 1))


def _webp_size(head: bytes) -> Optional[Size]:
    """Return (h, w); see the WebP container specification and RFC 6386, section 9.1."""
    chunk, body = head[12:16], head[20:]
    if chunk == b"VP8X":
        width, height = body[4:7] + b"\0", body[7:10] + b"\0"
        return int.from_bytes(height, "little") + 1, int.from_bytes(width, "little") + 1
    if chunk == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (bits >> 14 & 0x3FFF) + 1, (bits & 0x3FFF) + 1
    if chunk == b"VP8 ":
        width, height = body[6:8], body[8:10]
        return (
            int.from_bytes(height, "little") & 0x3FFF,
            int.from_bytes(width, "little") & 0x3FFF,
        )
    return None


def check_size(path: Path, header: Header, size: Size, max_pixels: int) -> None:
    """Refuse a claimed size (h, w), before anything of that size is allocated.

    Raises:
        InputError: it holds no pixel, or more than `max_pixels`.
    """
    height, width = size
    if height * width == 0:
        raise InputError(f"{path} holds no pixels: its size is {width}x{height}")
    if height * width > max_pixels:
        raise InputError(
            f"{path} is a {FORMATS[header.format].title} picture that claims {width}x{height} "
            f"pixels, {height * width:,} together, and the limit is {max_pixels:,}; if it is "
            "genuine, raise the limit with --max-pixels"
        )
