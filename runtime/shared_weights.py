"""Puts the weights of a supernet's widest graph into the graphs of its narrow subnets.

A narrow subnet's weights are corners of the widest one's. So its ONNX file declares them, by name
and shape, and holds no values; what comes out here is an ordinary ONNX file, which every engine
reads. External data cannot do it: a corner does not lie in one piece. The fields of the format are
those in `graph_weights`.
"""

from __future__ import annotations

import math
from typing import Any, Dict, Iterable, List, Mapping, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.errors import BundleError
from pcsr_edge.runtime.graph_weights import (
    CONSTANT_OF_GRAPH,
    GRAPH_OF_MODEL,
    NAME,
    RAW,
    SHAPE,
    TYPE,
    Field,
    bytes_of,
    fields,
    shape_of,
)

_DTYPES: Mapping[int, Any] = {1: "<f4", 6: "<i4", 7: "<i8", 10: "<f2"}
_BYTES = 2
Tensors = Dict[str, npt.NDArray[Any]]


def with_weights(graph: bytes, widest: bytes) -> bytes:
    """Return the ONNX file `graph` with values for every constant that has none.

    Args:
        graph: of a narrow subnet.
        widest: the ONNX file that holds constants of the same names, at least as large.

    Raises:
        BundleError: the bytes are no ONNX files, or a constant is not there.
    """
    try:
        known = _tensors(widest)
        return _model(graph, known)
    except (IndexError, ValueError, KeyError) as exc:
        raise BundleError(
            f"a subnet's graph does not fit the widest one ({exc}); export the bundle again"
        ) from exc


def _tensors(model: bytes) -> Tensors:
    found: Tensors = {}
    for number, value in fields(model):
        if number == GRAPH_OF_MODEL:
            for inner, constant in fields(bytes_of(value)):
                if inner == CONSTANT_OF_GRAPH:
                    name, kind, shape, raw = _described(bytes_of(constant))
                    found[name] = np.frombuffer(raw, _DTYPES[kind]).reshape(shape)
    return found


def _described(constant: bytes) -> Tuple[str, int, List[int], bytes]:
    name, kind, raw = "", 0, b""
    shape: List[int] = []
    for number, value in fields(constant):
        if number == SHAPE:
            shape += shape_of(value)
        elif number == TYPE and isinstance(value, int):
            kind = value
        elif number == NAME:
            name = bytes_of(value).decode("utf-8")
        elif number == RAW:
            raw = bytes_of(value)
    return name, kind, shape, raw


def _model(graph: bytes, known: Tensors) -> bytes:
    return _message(
        (number, _graph(bytes_of(value), known) if number == GRAPH_OF_MODEL else value)
        for number, value in fields(graph)
    )


def _graph(graph: bytes, known: Tensors) -> bytes:
    return _message(
        (number, _filled(bytes_of(value), known) if number == CONSTANT_OF_GRAPH else value)
        for number, value in fields(graph)
    )


def _filled(constant: bytes, known: Tensors) -> bytes:
    name, kind, shape, raw = _described(constant)
    if raw or math.prod(shape) == 0:
        return constant
    source = known[name]
    if source.dtype != np.dtype(_DTYPES[kind]) or source.ndim != len(shape):
        raise ValueError(f"constant {name} is of another kind")
    if any(size > there for size, there in zip(shape, source.shape)):
        raise ValueError(f"constant {name} is larger")
    corner = source[tuple(slice(size) for size in shape)]
    return constant + _message([(RAW, corner.tobytes())])


def _message(content: Iterable[Tuple[int, Field]]) -> bytes:
    out = bytearray()
    for number, value in content:
        if isinstance(value, int):
            out += _varint(number << 3) + _varint(value)
        else:
            out += _varint(number << 3 | _BYTES) + _varint(len(value)) + value
    return bytes(out)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
