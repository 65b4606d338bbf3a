"""The constants of an ONNX file, read without the onnx package, which devices do not have.

A file is a protocol buffer (https://protobuf.dev/programming-guides/encoding); of its messages
only the few fields on the way to the constants are looked at (onnx.proto of ONNX 1.x).
"""

from __future__ import annotations

import math
from typing import Any, Dict, Iterator, List, Mapping, Tuple, Union

import numpy as np
import numpy.typing as npt

from pcsr_edge.errors import BundleError

GRAPH_OF_MODEL, CONSTANT_OF_GRAPH = 7, 5
SHAPE, TYPE, NAME, RAW = 1, 2, 8, 9
_DTYPES: Mapping[int, np.dtype[Any]] = {1: np.dtype("<f4"), 10: np.dtype("<f2")}
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
Field = Union[int, bytes]


def float_constants(graph: bytes) -> Dict[str, npt.NDArray[np.float32]]:
    """Return name → values of all float constants of an ONNX file, in its order.

    Raises:
        BundleError: the bytes are no ONNX file.
    """
    found = {}
    try:
        for number, model_field in fields(graph):
            if number == GRAPH_OF_MODEL:
                for inner, constant in fields(bytes_of(model_field)):
                    if inner == CONSTANT_OF_GRAPH:
                        found.update(_constant(bytes_of(constant)))
    except (IndexError, ValueError) as exc:
        raise BundleError(f"a graph cannot be read ({exc}); export the bundle again") from exc
    return found


def _constant(message: bytes) -> Dict[str, npt.NDArray[np.float32]]:
    shape: List[int] = []
    kind, name, raw = 0, "", b""
    for number, value in fields(message):
        if number == SHAPE:
            shape += shape_of(value)
        elif number == TYPE and isinstance(value, int):
            kind = value
        elif number == NAME:
            name = bytes_of(value).decode("utf-8")
        elif number == RAW:
            raw = bytes_of(value)
    if kind not in _DTYPES:
        return {}
    if len(raw) != math.prod(shape) * _DTYPES[kind].itemsize:
        raise ValueError(f"constant {name} is cut off")
    return {name: np.frombuffer(raw, _DTYPES[kind]).reshape(shape).astype(np.float32)}


def shape_of(value: Field) -> List[int]:
    """Return the sizes that a shape's field holds: one, or several packed."""
    return [value] if isinstance(value, int) else list(_varints(value))


def bytes_of(value: Field) -> bytes:
    """Return a field that holds a message or bytes.

    Raises:
        ValueError: it holds a number.
    """
    if isinstance(value, int):
        raise ValueError("a message was expected where a number is")
    return value


def fields(message: bytes) -> Iterator[Tuple[int, Field]]:
    """Yield number and value of each field of a message.

    Raises:
        IndexError, ValueError: it is cut off, or no message.
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


def _varints(message: bytes) -> Iterator[int]:
    place = 0
    while place < len(message):
        value, place = _varint(message, place)
        yield value


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
