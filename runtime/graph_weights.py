"""The constants of an ONNX file, read without the onnx package, which devices do not have.

A file is a protocol buffer; of its messages only the few fields on the way to the constants are
looked at (onnx.proto of ONNX 1.x).
"""

from __future__ import annotations

import math
from typing import Any, Dict, List, Mapping

import numpy as np
import numpy.typing as npt

from pcsr_edge.errors import BundleError
from pcsr_edge.runtime.protocol_buffer import content, fields, varints

_GRAPH_OF_MODEL, _CONSTANT_OF_GRAPH = 7, 5
_SHAPE, _TYPE, _NAME, _RAW = 1, 2, 8, 9
_DTYPES: Mapping[int, np.dtype[Any]] = {1: np.dtype("<f4"), 10: np.dtype("<f2")}


def float_constants(graph: bytes) -> Dict[str, npt.NDArray[np.float32]]:
    """Return name → values of all float constants of an ONNX file, in its order.

    Raises:
        BundleError: the bytes are no ONNX file.
    """
    found = {}
    try:
        for number, model_field in fields(graph):
            if number == _GRAPH_OF_MODEL:
                for inner, constant in fields(content(model_field)):
                    if inner == _CONSTANT_OF_GRAPH:
                        found.update(_constant(content(constant)))
    except (IndexError, ValueError) as exc:
        raise BundleError(f"a graph cannot be read ({exc}); export the bundle again") from exc
    return found


def _constant(message: bytes) -> Dict[str, npt.NDArray[np.float32]]:
    shape: List[int] = []
    kind, name, raw = 0, "", b""
    for number, value in fields(message):
        if number == _SHAPE:
            shape += [value] if isinstance(value, int) else list(varints(value))
        elif number == _TYPE and isinstance(value, int):
            kind = value
        elif number == _NAME:
            name = content(value).decode("utf-8")
        elif number == _RAW:
            raw = content(value)
    if kind not in _DTYPES:
        return {}
    if len(raw) != math.prod(shape) * _DTYPES[kind].itemsize:
        raise ValueError(f"constant {name} is cut off")
    return {name: np.frombuffer(raw, _DTYPES[kind]).reshape(shape).astype(np.float32)}
