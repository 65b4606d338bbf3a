"""EXIF as bytes: orientation and size are changed in place, everything else stays as it was.

An EXIF block is a TIFF structure (TIFF 6.0, section 2): a header of 8 bytes, then directories of
12-byte entries. Rewriting it would move maker notes, whose inner offsets then break; so single
entries are patched where they stand.
"""

from __future__ import annotations

import struct
from typing import Dict, List, Literal, NamedTuple, Optional, Tuple

Order = Literal["<", ">"]

PREFIX = b"Exif\0\0"
ORIENTATION = 0x0112
X_RESOLUTION = 0x011A
EXIF_DIRECTORY = 0x8769
GPS_DIRECTORY = 0x8825
_WIDTH, _HEIGHT = 0xA002, 0xA003
_SHORT, _LONG = 3, 4
_ENTRY_BYTES = 12
_FIELD_BYTES = 4
_VALUE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_ORIENTATIONS = range(1, 9)

# Description, make, model, resolution, software, date, artist, host computer, rating, copyright,
# and the titles and comments that Windows writes.
_DESCRIPTIVE = (0x010E, 0x010F, 0x0110, 0x011A, 0x011B, 0x0128, 0x0131, 0x0132, 0x013B, 0x013C)
_MORE = (0x4746, 0x4749, 0x8298, 0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F)
KEPT_TAGS = frozenset((*_DESCRIPTIVE, *_MORE, ORIENTATION, EXIF_DIRECTORY, GPS_DIRECTORY))
"""What goes from the first directory of a TIFF file into EXIF and back; the rest describes
pixels."""


class Entry(NamedTuple):
    """One entry of a directory."""

    position: int
    """Where its 12 bytes start in the block."""
    tag: int
    kind: int
    """Type of its values, as TIFF numbers them."""
    length: int
    """How many values it has."""
    value: int
    """Its value if it is one SHORT or LONG, else where its values start."""


class ExifBlock:
    """One EXIF block, with or without the prefix that JPEG puts before it.

    Raises:
        ValueError: the block is damaged.
    """

    def __init__(self, block: bytes) -> None:
        self.data = bytearray(block[len(PREFIX) :] if block.startswith(PREFIX) else block)
        orders: Dict[bytes, Order] = {b"II*\0": "<", b"MM\0*": ">"}
        order = orders.get(bytes(self.data[:4]))
        if order is None:
            raise ValueError("it has no TIFF header")
        self.order: Order = order
        """`<` or `>`, as in `struct`."""
        self.entries, self._end = self._directory(self._unpack("I", 4))

    def _unpack(self, code: str, position: int) -> int:
        try:
            value: int = struct.unpack_from(self.order + code, self.data, position)[0]
        except struct.error as exc:
            raise ValueError("it points outside itself") from exc
        return value

    def _directory(self, offset: int) -> Tuple[List[Entry], int]:
        """Return the entries at `offset`, and where the link to the next directory stands."""
        count = self._unpack("H", offset)
        end = offset + 2 + count * _ENTRY_BYTES
        # Fails where the directory is cut off.
        self._unpack("I", end)
        return [self._entry(p) for p in range(offset + 2, end, _ENTRY_BYTES)], end

    def _entry(self, position: int) -> Entry:
        tag, kind = self._unpack("H", position), self._unpack("H", position + 2)
        single_short = kind == _SHORT and self._unpack("I", position + 4) == 1
        value = self._unpack("H" if single_short else "I", position + 8)
        return Entry(position, tag, kind, self._unpack("I", position + 4), value)

    def _find(self, entries: List[Entry], tag: int) -> Optional[Entry]:
        found = (e for e in entries if e.tag == tag and e.kind in (_SHORT, _LONG))
        return next((e for e in found if e.length == 1), None)

    def _set(self, entry: Entry, value: int) -> None:
        kind = _SHORT if value < 2**16 else _LONG
        code = "HHIHH" if kind == _SHORT else "HHII"
        values = (value, 0) if kind == _SHORT else (value,)
        struct.pack_into(self.order + code, self.data, entry.position, entry.tag, kind, 1, *values)

    def field(self, entry: Entry) -> Optional[bytes]:
        """Return the last 4 bytes of an entry, None where they point outside the block."""
        size = entry.length * _VALUE_BYTES.get(entry.kind, len(self.data))
        if size > _FIELD_BYTES and entry.value + size > len(self.data):
            return None
        end = entry.position + _ENTRY_BYTES
        return bytes(self.data[end - _FIELD_BYTES : end])

    @property
    def orientation(self) -> int:
        """1…8 as EXIF defines them; 1 where there is none or it makes no sense."""
        entry = self._find(self.entries, ORIENTATION)
        return entry.value if entry and entry.value in _ORIENTATIONS else 1

    def make_upright(self) -> None:
        """Say that the pixels are upright, and unlink the thumbnail, which is not."""
        entry = self._find(self.entries, ORIENTATION)
        if entry:
            self._set(entry, 1)
        struct.pack_into(self.order + "I", self.data, self._end, 0)

    def set_size(self, height: int, width: int) -> None:
        """Correct the pixel dimensions where the block states them.

        Raises:
            ValueError: the directory that states them is damaged.
        """
        directory = self._find(self.entries, EXIF_DIRECTORY)
        if directory is None:
            return
        entries, _ = self._directory(directory.value)
        for tag, value in ((_WIDTH, width), (_HEIGHT, height)):
            entry = self._find(entries, tag)
            if entry:
                self._set(entry, value)


def upright_exif(block: Optional[bytes]) -> Tuple[Optional[bytes], int, Tuple[str, ...]]:
    """Return the block with the orientation reset, the orientation it had, and notes.

    A damaged block is left out, and a note says so.
    """
    if not block:
        return None, 1, ()
    try:
        exif = ExifBlock(block)
    except ValueError as exc:
        return None, 1, (f"its EXIF is damaged ({exc}) and was left out",)
    orientation = exif.orientation
    exif.make_upright()
    return bytes(exif.data), orientation, ()


def sized_exif(block: bytes, size: Tuple[int, int]) -> bytes:
    """Return the block with the pixel dimensions of a picture of `size` (h, w).

    Where they cannot be found, because the block is damaged, it stays as it is.
    """
    try:
        exif = ExifBlock(block)
        exif.set_size(*size)
    except ValueError:
        return block
    return bytes(exif.data)
