"""TIFF: its tags, and a writer for 8 and 16 bits per channel that carries EXIF unchanged.

Pillow writes no 16 bits in colour, libvips writes no EXIF. A TIFF file is small work by hand:
TIFF 6.0, sections 2 (structure), 14 (horizontal differencing), 18 (alpha); Adobe's deflate.
"""

from __future__ import annotations

import struct
import zlib
from fractions import Fraction
from pathlib import Path
from typing import Any, FrozenSet, List, NamedTuple, Optional, Tuple

import numpy as np
from PIL import Image

from pcsr_edge.errors import OutputError
from pcsr_edge.runtime.images.decoded import Dpi, dpi_of
from pcsr_edge.runtime.images.exif import (
    EXIF_DIRECTORY,
    GPS_DIRECTORY,
    KEPT_TAGS,
    ORIENTATION,
    ExifBlock,
    Order,
)
from pcsr_edge.runtime.images.planes import Pixels

_COMPRESSION, _PHOTOMETRIC, _EXTRA_SAMPLES = 259, 262, 338
_YCBCR, _JPEG = 6, (6, 7)
_LAB = (8, 9, 10)
_UNSPECIFIED, _UNASSOCIATED = 0, 2
_BYTE, _SHORT, _LONG, _RATIONAL, _BYTES = 1, 3, 4, 5, 7
_RESOLUTION_TAGS = _X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT = 282, 283, 296
_XMP = 700
_EMPTY_BLOCK = b"II*\0" + struct.pack("<IHI", 8, 0, 0)
_STRIP_BYTES = 2**18
_LEVEL = 4


class TiffTags(NamedTuple):
    """What the first directory says besides the pixels."""

    exif: Optional[bytes] = None
    unspecified_channel: bool = False
    """Whether the channel after the colours is of unknown meaning, so not alpha."""
    notes: Tuple[str, ...] = ()
    dpi: Optional[Dpi] = None
    refused_kind: Optional[str] = None
    """What the samples are where no decoder turns them into RGB."""


def read_tags(path: Path) -> TiffTags:
    """Read the tags of a TIFF file that a decoder has accepted."""
    tags = Image.Exif()
    try:
        with path.open("rb") as stream:
            tags.load_from_fp(stream)
            dpi = _dpi(tags)
            block = Image.Exif()
            for tag in _kept_tags(dpi).intersection(tags):
                inner = tag in (EXIF_DIRECTORY, GPS_DIRECTORY)
                block[tag] = tags.get_ifd(tag) if inner else tags[tag]
            extra = tags.get(_EXTRA_SAMPLES, ())
            exif = block.tobytes() if set(block) - {ORIENTATION} else None
    # Pillow raises whatever a strange tag makes it trip over; BigTIFF is unknown to it here.
    except Exception as exc:
        return TiffTags(notes=(f"its TIFF tags cannot be read ({exc}) and were left out",))
    first = extra[0] if isinstance(extra, tuple) and extra else extra
    kind = _refused_kind(tags.get(_PHOTOMETRIC), tags.get(_COMPRESSION))
    return TiffTags(exif, first == _UNSPECIFIED, (), dpi, kind)


def _kept_tags(dpi: Optional[Dpi]) -> FrozenSet[int]:
    """Return what passes between the file's directory and EXIF."""
    return KEPT_TAGS.difference(_RESOLUTION_TAGS) if dpi else KEPT_TAGS


def _dpi(tags: Image.Exif) -> Optional[Dpi]:
    factor = {2: 1.0, 3: 2.54}.get(tags.get(_RESOLUTION_UNIT, 2))
    if factor is None or _X_RESOLUTION not in tags:
        return None
    across = tags[_X_RESOLUTION]
    return dpi_of(across, tags.get(_Y_RESOLUTION, across), factor)


def _refused_kind(photometric: Any, compression: Any) -> Optional[str]:
    if photometric == _YCBCR and compression not in _JPEG:
        return "YCbCr samples without JPEG"
    return "LAB samples" if photometric in _LAB else None


class _Directory:
    """Collects the entries of the directory that will stand at the end of the file."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._entries: List[Tuple[int, bytes, bytes]] = []

    def add(self, tag: int, kind: int, *values: int) -> None:
        code = {_SHORT: "H", _LONG: "I"}[kind]
        data = struct.pack(f"{self._order}{len(values)}{code}", *values)
        self.add_bytes(tag, kind, len(values), data)

    def add_rational(self, tag: int, value: float) -> None:
        parts = Fraction(value).limit_denominator(10_000)
        data = struct.pack(self._order + "II", parts.numerator, parts.denominator)
        self.add_bytes(tag, _RATIONAL, 1, data)

    def add_bytes(self, tag: int, kind: int, count: int, data: bytes) -> None:
        self._entries.append((tag, struct.pack(self._order + "HHI", tag, kind, count), data))

    def tobytes(self, offset: int) -> bytes:
        """Return the directory, and after it the values that need more than 4 bytes."""
        entries, values = [], b""
        values_at = offset + 2 + 12 * len(self._entries) + 4
        for _, head, data in sorted(self._entries, key=lambda entry: entry[0]):
            field = data.ljust(4, b"\0")
            if len(data) > len(head) - 4:
                field = struct.pack(self._order + "I", values_at + len(values))
                values += data + b"\0" * (len(data) % 2)
            entries.append(head + field)
        count = struct.pack(self._order + "H", len(entries))
        return count + b"".join(entries) + b"\0\0\0\0" + values


def encode_tiff(
    path: Path,
    pixels: Pixels,
    icc: Optional[bytes],
    exif: Optional[bytes],
    xmp: Optional[bytes] = None,
    dpi: Optional[Dpi] = None,
) -> bytes:
    """Encode uint8 or uint16 (H, W, C), deflated in strips; `path` is named in errors.

    The EXIF block opens the file, since all offsets in it count from its first byte; the file's
    own directory, at the end, repeats the entries of the block's and so points into it.

    Raises:
        OutputError: the file would pass the 4 GB that TIFF can address.
    """
    block = ExifBlock(exif or _EMPTY_BLOCK)
    directory = _Directory(block.order)
    kept = _kept_tags(dpi)
    for entry in block.entries:
        field = block.field(entry)
        if entry.tag in kept and field is not None:
            directory.add_bytes(entry.tag, entry.kind, entry.length, field)
    rows = max(1, _STRIP_BYTES // (pixels[0].size * pixels.itemsize))
    strips = [_strip(pixels[y : y + rows], block.order) for y in range(0, len(pixels), rows)]
    start = len(block.data) + len(block.data) % 2
    body = b"".join(strips)
    end = start + len(body) + len(body) % 2
    if end + len(icc or b"") + len(xmp or b"") + 2**20 >= 2**32:
        raise OutputError(f"{path} would pass the 4 GB of a TIFF file; choose PNG with -f png")
    sizes = [len(strip) for strip in strips]
    offsets = np.cumsum([start, *sizes])[:-1].tolist()
    _describe(directory, pixels, rows)
    directory.add(273, _LONG, *offsets)
    directory.add(279, _LONG, *sizes)
    if icc:
        directory.add_bytes(34675, _BYTES, len(icc), icc)
    if xmp:
        directory.add_bytes(_XMP, _BYTE, len(xmp), xmp)
    if dpi:
        directory.add(_RESOLUTION_UNIT, _SHORT, 2)  # per inch
        for tag, value in zip((_X_RESOLUTION, _Y_RESOLUTION), dpi):
            directory.add_rational(tag, value)
    struct.pack_into(block.order + "I", block.data, 4, end)
    front = bytes(block.data).ljust(start, b"\0") + body
    return front.ljust(end, b"\0") + directory.tobytes(end)


def _describe(directory: _Directory, pixels: Pixels, rows: int) -> None:
    height, width, channels = pixels.shape
    directory.add(256, _LONG, width)
    directory.add(257, _LONG, height)
    directory.add(258, _SHORT, *[8 * pixels.itemsize] * channels)
    directory.add(259, _SHORT, 8)  # Adobe's deflate
    directory.add(262, _SHORT, 1 if channels in (1, 2) else 2)  # gray where 0 is black, or RGB
    directory.add(277, _SHORT, channels)
    directory.add(278, _LONG, rows)
    directory.add(284, _SHORT, 1)  # channels side by side
    directory.add(317, _SHORT, 2)  # horizontal differencing
    if channels in (2, 4):
        directory.add(_EXTRA_SAMPLES, _SHORT, _UNASSOCIATED)


def _strip(rows: Pixels, order: Order) -> bytes:
    difference = rows.copy()
    # Unsigned numbers wrap around, which is what the predictor of TIFF asks for.
    difference[:, 1:] -= rows[:, :-1]
    return zlib.compress(difference.astype(rows.dtype.newbyteorder(order)).tobytes(), _LEVEL)
