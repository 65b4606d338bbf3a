"""Puts the weights of a supernet's widest graph into the graphs of its narrow subnets.

A narrow subnet's weights are corners of the widest one's. So its ONNX file declares them, by name
and shape, and holds no values; what comes out here is an ordinary ONNX file, which every engine
reads. External data cannot do it: a corner does not lie in one piece. The fields of the format are
those in `graph_weights`.
"""

from __future__ import annotations

import math
from typing import Any, Dict, Iterable, Mapping, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.errors import BundleError
from pcsr_edge.runtime.graph_weights import (
    CONSTANT_OF_GRAPH,
    GRAPH_OF_MODEL,
    RAW,
    constants,
    read_constant,
)
from pcsr_edge.runtime.protocol_buffer import Field, content, fields, written

_DTYPES: Mapping[int, Any] = {1: "<f4", 6: "<i4", 7: "<i8", 10: "<f2"}
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
    return {
        each.name: np.frombuffer(each.raw, _DTYPES[each.kind]).reshape(each.shape)
        for each in constants(model)
    }


def _model(graph: bytes, known: Tensors) -> bytes:
    return _message(
        (number, _graph(content(value), known) if number == GRAPH_OF_MODEL else value)
        for number, value in fields(graph)
    )


def _graph(graph: bytes, known: Tensors) -> bytes:
    return _message(
        (number, _filled(content(value), known) if number == CONSTANT_OF_GRAPH else value)
        for number, value in fields(graph)
    )


def _filled(message: bytes, known: Tensors) -> bytes:
    name, kind, shape, raw = read_constant(message)
    if raw or math.prod(shape) == 0:
        return message
    source = known[name]
    if source.dtype != np.dtype(_DTYPES[kind]) or source.ndim != len(shape):
        raise ValueError(f"constant {name} is of another kind")
    if any(size > there for size, there in zip(shape, source.shape)):
        raise ValueError(f"constant {name} is larger")
    corner = source[tuple(slice(size) for size in shape)]
    return message + written(RAW, corner.tobytes())


def _message(parts: Iterable[Tuple[int, Field]]) -> bytes:
    return b"".join(written(number, value) for number, value in parts)
