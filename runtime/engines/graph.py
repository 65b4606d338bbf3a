"""What an ONNX graph says of itself, read without onnx: name, model, precision."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from pcsr_edge.errors import EngineError
from pcsr_edge.runtime.engines.window import least_side
from pcsr_edge.runtime.graph_weights import constants
from pcsr_edge.runtime.protocol_buffer import content, fields

# Numbers of fields in onnx.proto of ONNX 1.x.
_GRAPH_OF_MODEL, _PROPERTY_OF_MODEL = 7, 14
_NAME_OF_GRAPH = 2
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
    least_side: int = 1
    """Pixels along a side of a picture that it certainly takes, see `window`."""

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
    try:
        for number, value in fields(onnx):
            if number == _GRAPH_OF_MODEL:
                name = _text(content(value), _NAME_OF_GRAPH)
            elif number == _PROPERTY_OF_MODEL and _text(content(value), _KEY) == "name":
                model = _text(content(value), _VALUE)
        kinds = {constant.kind for constant in constants(onnx)}
        least = least_side(onnx)
    except (IndexError, ValueError) as exc:
        raise EngineError(f"a graph is no ONNX file ({exc}); export the bundle again") from exc
    precision = "int8" if _INT8 in kinds else "fp16" if _FLOAT16 in kinds else "fp32"
    return Graph(onnx, name, model, precision, least)


def _text(message: bytes, wanted: int) -> str:
    """Return a field of a message as text, empty where it is not there."""
    for number, value in fields(message):
        if number == wanted:
            return content(value).decode("utf-8")
    return ""
