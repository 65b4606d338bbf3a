"""The constants of an ONNX file, read without the onnx package, which devices do not have.

A file is a protocol buffer; of its messages only the few fields on the way to the constants are
looked at (onnx.proto of ONNX 1.x).
"""

from __future__ import annotations

import math
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.errors import BundleError
from pcsr_edge.runtime.protocol_buffer import content, fields, varints

GRAPH_OF_MODEL, CONSTANT_OF_GRAPH, RAW = 7, 5, 9
_SHAPE, _TYPE, _NAME = 1, 2, 8
_DTYPES: Mapping[int, np.dtype[Any]] = {1: np.dtype("<f4"), 10: np.dtype("<f2")}


class Constant(NamedTuple):
    """A constant of a graph."""

    name: str
    kind: int
    """Its element type, a value of onnx's `TensorProto.DataType`."""
    shape: Tuple[int, ...]
    raw: bytes
    """Its values; empty where they lie otherwise."""


def constants(graph: bytes) -> Iterator[Constant]:
    """Yield all constants of an ONNX file, in its order.

    Raises:
        ValueError: it is damaged.
        IndexError: it is cut off.
    """
    for number, model_field in fields(graph):
        if number == GRAPH_OF_MODEL:
            for inner, constant in fields(content(model_field)):
                if inner == CONSTANT_OF_GRAPH:
                    yield read_constant(content(constant))


def float_constants(graph: bytes) -> Dict[str, npt.NDArray[np.float32]]:
    """Return name → values of all float constants of an ONNX file, in its order.

    Raises:
        BundleError: the bytes are no ONNX file.
    """
    try:
        return {c.name: _floats(c) for c in constants(graph) if c.kind in _DTYPES}
    except (IndexError, ValueError) as exc:
        raise BundleError(f"a graph cannot be read ({exc}); export the bundle again") from exc


def read_constant(message: bytes) -> Constant:
    """Read the message of a constant; for errors see `constants`."""
    shape: List[int] = []
    kind, name, raw = 0, "", b""
    for number, value in fields(message):
        if number == _SHAPE:
            shape += [value] if isinstance(value, int) else list(varints(value))
        elif number == _TYPE and isinstance(value, int):
            kind = value
        elif number == _NAME:
            name = content(value).decode("utf-8")
        elif number == RAW:
            raw = content(value)
    return Constant(name, kind, tuple(shape), raw)


def _floats(constant: Constant) -> npt.NDArray[np.float32]:
    dtype = _DTYPES[constant.kind]
    if len(constant.raw) != math.prod(constant.shape) * dtype.itemsize:
        raise ValueError(f"constant {constant.name} is cut off")
    return np.frombuffer(constant.raw, dtype).reshape(constant.shape).astype(np.float32)
