"""Protocol buffers, as far as ONNX files need them, read without any package.

See https://protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

from typing import Iterator, Tuple, Union

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
Field = Union[int, bytes]


def content(value: Field) -> bytes:
    """Return the bytes of a field that is a message or a text.

    Raises:
        ValueError: it is a number.
    """
    if isinstance(value, int):
        raise ValueError("a message was expected where a number is")
    return value


def fields(message: bytes) -> Iterator[Tuple[int, Field]]:
    """Yield number and value of each field of a message.

    Raises:
        ValueError: the message is damaged.
        IndexError: it is cut off.
    """
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        kind = key & 7
        if kind == _VARINT:
            value, place = _varint(message, place)
            yield key >> 3, value
            continue
        if kind == _BYTES:
            length, place = _varint(message, place)
        elif kind in (_FIXED32, _FIXED64):
            length = 4 if kind == _FIXED32 else 8
        else:
            raise ValueError(f"a field of unknown kind {kind}")
        if place + length > len(message):
            raise ValueError("it is cut off")
        yield key >> 3, message[place : place + length]
        place += length


def varints(message: bytes) -> Iterator[int]:
    """Yield the numbers that are packed into a field, see `fields`."""
    place = 0
    while place < len(message):
        value, place = _varint(message, place)
        yield value


def written(number: int, value: Field) -> bytes:
    """Return a field as it stands in a message: a number, or a message, text or bytes.

    Not for numbers of fixed width, which `fields` gives as bytes; ONNX's models and graphs
    have none.
    """
    if isinstance(value, int):
        return _written_varint(number << 3 | _VARINT) + _written_varint(value)
    return _written_varint(number << 3 | _BYTES) + _written_varint(len(value)) + value


def _written_varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _varint(message: bytes, place: int) -> Tuple[int, int]:
    value, shift = 0, 0
    while True:
        byte = message[place]
        value |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return value, place
        if shift > 63:
            raise ValueError("a number is too long")
