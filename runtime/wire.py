"""Protocol buffers without the package: the fields of a message, read and written.

See https://protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

from typing import Iterator, NamedTuple, Optional, Tuple

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class Field(NamedTuple):
    """One field of a message, as places in the bytes that hold it."""

    number: int
    start: int
    """First byte of the content."""
    stop: int
    """Behind its last one."""
    whole: Optional[int]
    """The content of a whole number; None of bytes, messages and fixed widths."""

    def inside(self) -> Tuple[int, int]:
        """Return where the content of a message, or bytes, lies.

        Raises:
            ValueError: it is a whole number.
        """
        if self.whole is not None:
            raise ValueError("a message was expected where a number is")
        return self.start, self.stop


def fields(data: bytes, start: int = 0, stop: Optional[int] = None) -> Iterator[Field]:
    """Go through the fields of the message that lies in `data` from `start` to `stop`.

    Raises:
        ValueError: it is no message, or cut off.
    """
    end = len(data) if stop is None else stop
    place = start
    while place < end:
        key, place = _varint(data, place, end)
        kind, first, whole = key & 7, place, None
        if kind == _VARINT:
            whole, place = _varint(data, place, end)
        elif kind == _BYTES:
            length, first = _varint(data, place, end)
            place = first + length
        elif kind in (_FIXED32, _FIXED64):
            place += 4 if kind == _FIXED32 else 8
        else:
            raise ValueError(f"a field of unknown kind {kind}")
        if place > end:
            raise ValueError("it is cut off")
        yield Field(key >> 3, first, place, whole)


def wholes(data: bytes, start: int, stop: int) -> Iterator[int]:
    """Go through whole numbers that lie one behind the other.

    Raises:
        ValueError: they are cut off.
    """
    place = start
    while place < stop:
        value, place = _varint(data, place, stop)
        yield value


def written(number: int, content: bytes) -> bytes:
    """Return the bytes of a field that holds a message, or bytes."""
    return _written_varint(number << 3 | _BYTES) + _written_varint(len(content)) + content


def _written_varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _varint(data: bytes, place: int, stop: int) -> Tuple[int, int]:
    value, shift = 0, 0
    while place < stop:
        byte = data[place]
        value |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return value, place
        if shift > 63:
            raise ValueError("a number is too long")
    raise ValueError("it is cut off")
