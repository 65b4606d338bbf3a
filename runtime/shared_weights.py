"""Puts the weights of a supernet's widest graph into the graphs of its narrow subnets.

A narrow subnet's weights are corners of the widest one's. So its ONNX file declares them, by name
and shape, and holds no values; what comes out here is an ordinary ONNX file, which every engine
reads. External data cannot do it: a corner does not lie in one piece.
"""

from __future__ import annotations

import math
from typing import Any, Callable, Mapping

import numpy as np
import numpy.typing as npt

from pcsr_edge.errors import BundleError
from pcsr_edge.runtime.graph_weights import (
    CONSTANT_OF_GRAPH,
    GRAPH_OF_MODEL,
    RAW,
    Constant,
    constants,
)
from pcsr_edge.runtime.wire import fields, written

_DTYPES: Mapping[int, str] = {1: "<f4", 6: "<i4", 7: "<i8", 10: "<f2"}


def with_weights(graph: bytes, widest: bytes) -> bytes:
    """Return the ONNX file `graph` with values for every constant that has none.

    Args:
        graph: of a narrow subnet.
        widest: the ONNX file that holds constants of the same names, at least as large.

    Raises:
        BundleError: the bytes are no ONNX files, or a constant is not there.
    """
    declared = constants(graph)
    if not any(map(_lacks_values, declared)):
        return graph
    known = {constant.name: constant for constant in constants(widest)}
    following = iter(declared)

    def complete(content: bytes) -> bytes:
        constant = next(following)
        if not _lacks_values(constant):
            return content
        return content + written(RAW, _corner(constant, known, widest).tobytes())

    try:
        return _changed(
            graph, GRAPH_OF_MODEL, lambda inner: _changed(inner, CONSTANT_OF_GRAPH, complete)
        )
    except ValueError as exc:
        raise BundleError(
            f"a subnet's graph does not fit the widest one ({exc}); export the bundle again"
        ) from exc


def _lacks_values(constant: Constant) -> bool:
    start, stop = constant.raw
    return start == stop and math.prod(constant.shape) > 0


def _corner(constant: Constant, known: Mapping[str, Constant], widest: bytes) -> npt.NDArray[Any]:
    """Return the values of `constant`: the first along each axis of the one that has its name."""
    name, shape = constant.name, constant.shape
    if name not in known:
        raise ValueError(f"constant {name} is not there")
    source = known[name]
    if source.kind != constant.kind or source.kind not in _DTYPES:
        raise ValueError(f"constant {name} is of another kind")
    if len(source.shape) != len(shape) or any(a > b for a, b in zip(shape, source.shape)):
        raise ValueError(f"constant {name} is larger")
    values = np.frombuffer(widest[slice(*source.raw)], _DTYPES[source.kind]).reshape(source.shape)
    return values[tuple(slice(size) for size in shape)]


def _changed(message: bytes, number: int, change: Callable[[bytes], bytes]) -> bytes:
    """Return a message whose fields of a number have other contents; the rest stays as it is."""
    out, place = bytearray(), 0
    for field in fields(message):
        if field.number == number:
            out += written(number, change(message[slice(*field.inside())]))
        else:
            out += message[place : field.stop]
        place = field.stop
    return bytes(out)
