"""What an ONNX graph says of itself, read without onnx: name, model, precision."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Set

from pcsr_edge.errors import EngineError
from pcsr_edge.runtime.protocol_buffer import content, fields

# Numbers of fields in onnx.proto of ONNX 1.x.
_GRAPH_OF_MODEL, _PROPERTY_OF_MODEL = 7, 14
_NAME_OF_GRAPH, _CONSTANT_OF_GRAPH = 2, 5
_TYPE = 2
_KEY, _VALUE = 1, 2
_INT8, _FLOAT16 = 3, 10


@dataclass(frozen=True)
class Graph:
    """One ONNX file and what it is."""

    content: bytes
    """Of the file."""
    name: str
    """Of the graph, e.g. `backbone`."""
    model: str
    """Of the bundle that it was exported for; empty where the file does not say."""
    precision: str
    """`int8` where there are INT8 constants, `fp16` where there are FLOAT16 ones, else `fp32`."""

    @property
    def sha256(self) -> str:
        """Hash of the file, hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def title(self) -> str:
        """Name of graph and model for messages."""
        return f"{self.name} of {self.model}" if self.model else self.name


def read_graph(onnx: bytes) -> Graph:
    """Read what a file says of itself.

    Raises:
        EngineError: it is no ONNX file.
    """
    name, model = "", ""
    kinds: Set[int] = set()
    try:
        for number, value in fields(onnx):
            if number == _GRAPH_OF_MODEL:
                name = _text(content(value), _NAME_OF_GRAPH)
                kinds = _kinds(content(value))
            elif number == _PROPERTY_OF_MODEL and _text(content(value), _KEY) == "name":
                model = _text(content(value), _VALUE)
    except (IndexError, ValueError) as exc:
        raise EngineError(f"a graph is no ONNX file ({exc}); export the bundle again") from exc
    precision = "int8" if _INT8 in kinds else "fp16" if _FLOAT16 in kinds else "fp32"
    return Graph(onnx, name, model, precision)


def _text(message: bytes, wanted: int) -> str:
    """Return a field of a message as text, empty where it is not there."""
    for number, value in fields(message):
        if number == wanted:
            return content(value).decode("utf-8")
    return ""


def _kinds(graph: bytes) -> Set[int]:
    """Return the element types of the constants in a graph."""
    return {
        value
        for number, constant in fields(graph)
        if number == _CONSTANT_OF_GRAPH
        for inner, value in fields(content(constant))
        if inner == _TYPE and isinstance(value, int)
    }
