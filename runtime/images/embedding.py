"""Metadata in PNG and JPEG files, where the libraries lose it or make it up."""

from __future__ import annotations

import os
import struct
import zlib
from typing import BinaryIO, List, Optional

from pcsr_edge.runtime.images.decoded import Dpi, dpi_of

XMP_IN_JPEG = b"http://ns.adobe.com/xap/1.0/\0"
LONGEST_JPEG_XMP = 65533 - len(XMP_IN_JPEG)
"""A JPEG segment holds 65533 bytes."""

_SIGNATURE_BYTES, _CHUNK_HEAD_BYTES = 8, 8
_IHDR_END = 33
_INCHES_PER_METRE = 1 / 0.0254
_XMP_IN_PNG = b"XML:com.adobe.xmp\0\0\0\0\0"
_APP0, _APP1 = b"\xff\xe0", b"\xff\xe1"


def embed_in_png(
    png: bytes, exif: Optional[bytes], xmp: Optional[bytes], dpi: Optional[Dpi]
) -> bytes:
    """Return the PNG file with these chunks behind its header, and no other resolution."""
    chunks: List[bytes] = []
    if dpi is not None:
        across, down = (round(value * _INCHES_PER_METRE) for value in dpi)
        chunks.append(_chunk(b"pHYs", struct.pack(">IIB", across, down, 1)))
    if exif is not None:
        chunks.append(_chunk(b"eXIf", exif))
    if xmp is not None:
        chunks.append(_chunk(b"iTXt", _XMP_IN_PNG + xmp))
    return png[:_IHDR_END] + b"".join(chunks) + _without_resolution(png)


def _without_resolution(png: bytes) -> bytes:
    """Return what follows the header, without the resolution that libvips makes up."""
    at, kept = _IHDR_END, b""
    while png[at + 4 : at + 8] != b"IDAT":
        end = at + 12 + int(struct.unpack_from(">I", png, at)[0])
        if png[at + 4 : at + 8] != b"pHYs":
            kept += png[at:end]
        at = end
    return kept + png[at:]


def dpi_in_png(stream: BinaryIO) -> Optional[Dpi]:
    """Return the resolution that a PNG file states."""
    stream.seek(_SIGNATURE_BYTES)
    head = stream.read(_CHUNK_HEAD_BYTES)
    while len(head) == _CHUNK_HEAD_BYTES and head[4:] != b"IDAT":
        length = int.from_bytes(head[:4], "big")
        if head[4:] == b"pHYs":
            across, down, unit = struct.unpack(">IIB", stream.read(9).ljust(9, b"\0"))
            return dpi_of(across, down, 1 / _INCHES_PER_METRE) if unit == 1 else None
        stream.seek(length + 4, os.SEEK_CUR)
        head = stream.read(_CHUNK_HEAD_BYTES)
    return None


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def embed_in_jpeg(jpeg: bytes, xmp: Optional[bytes]) -> bytes:
    """Return the JPEG file with the XMP packet, of at most `LONGEST_JPEG_XMP` bytes, behind EXIF.

    (XMP specification, part 3, section 1.1.3.)
    """
    if xmp is None:
        return jpeg
    at = 2
    while jpeg[at : at + 2] in (_APP0, _APP1):
        at += 2 + int(struct.unpack_from(">H", jpeg, at + 2)[0])
    body = XMP_IN_JPEG + xmp
    return jpeg[:at] + _APP1 + struct.pack(">H", len(body) + 2) + body + jpeg[at:]
