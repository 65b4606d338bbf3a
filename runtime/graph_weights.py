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
from pcsr_edge.runtime.wire import Field, fields, wholes

GRAPH_OF_MODEL, CONSTANT_OF_GRAPH = 7, 5
_SHAPE, _TYPE, _NAME, RAW = 1, 2, 8, 9
_DTYPES: Mapping[int, np.dtype[Any]] = {1: np.dtype("<f4"), 10: np.dtype("<f2")}


class Constant(NamedTuple):
    """A constant of a graph, as it lies in the file."""

    name: str
    kind: int
    """Its element type, a value of onnx's `TensorProto.DataType`."""
    kind_at: int
    """Where that is written: one byte."""
    shape: Tuple[int, ...]
    raw: Tuple[int, int]
    """First byte of the values, and behind the last one; both 0 where they lie otherwise."""


def constants(graph: bytes) -> List[Constant]:
    """Return all constants of an ONNX file, in its order.

    Raises:
        BundleError: the bytes are no ONNX file.
    """
    try:
        return [
            _constant(graph, inner)
            for field in fields(graph)
            if field.number == GRAPH_OF_MODEL
            for inner in fields(graph, *field.inside())
            if inner.number == CONSTANT_OF_GRAPH
        ]
    except ValueError as exc:
        raise BundleError(f"a graph cannot be read ({exc}); export the bundle again") from exc


def float_constants(graph: bytes) -> Dict[str, npt.NDArray[np.float32]]:
    """Return name → values of all float constants of an ONNX file, in its order.

    Raises:
        BundleError: the bytes are no ONNX file.
    """
    found = {}
    for constant in constants(graph):
        if constant.kind not in _DTYPES:
            continue
        dtype, raw = _DTYPES[constant.kind], graph[slice(*constant.raw)]
        if len(raw) != math.prod(constant.shape) * dtype.itemsize:
            raise BundleError(
                f"a graph cannot be read (constant {constant.name} is cut off); export the bundle "
                "again"
            )
        values = np.frombuffer(raw, dtype).reshape(constant.shape)
        found[constant.name] = values.astype(np.float32)
    return found


def _constant(graph: bytes, message: Field) -> Constant:
    shape: List[int] = []
    kind, kind_at, name, raw = 0, 0, "", (0, 0)
    for field in fields(graph, *message.inside()):
        if field.number == _SHAPE:
            shape += _sizes(graph, field)
        elif field.number == _TYPE and field.whole is not None:
            kind, kind_at = field.whole, field.start
        elif field.number == _NAME:
            name = graph[slice(*field.inside())].decode("utf-8")
        elif field.number == RAW:
            raw = field.inside()
    return Constant(name, kind, kind_at, tuple(shape), raw)


def _sizes(graph: bytes, field: Field) -> Iterator[int]:
    # Either packed or one by one.
    return iter([field.whole]) if field.whole is not None else wholes(graph, *field.inside())
