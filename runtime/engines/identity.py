"""What an engine belongs to: it runs nowhere else, and is found again by it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any, Dict, List, Mapping

from pcsr_edge.runtime.device import Device
from pcsr_edge.runtime.engines.graph import Graph
from pcsr_edge.runtime.engines.shapes import Range


@dataclass(frozen=True)
class Place:
    """The GPU and the TensorRT that an engine was built on and for."""

    tensorrt: str
    """Version."""
    gpu: str
    """Name of the GPU."""
    capability: str
    """Its compute capability."""

    @classmethod
    def of(cls, trt: Any, device: Device) -> Place:
        """Return the place of this process."""
        return cls(str(trt.__version__), device.name, device.capability)

    @property
    def key(self) -> str:
        """A name for files."""
        return _digest(asdict(self))


@dataclass(frozen=True)
class Identity:
    """One engine."""

    graph: str
    """SHA-256 of the ONNX file."""
    precision: str
    shapes: Mapping[str, str]
    """Input → range of its shapes, see `Range.key`."""
    place: Place

    @classmethod
    def of(cls, graph: Graph, ranges: Mapping[str, Range], place: Place) -> Identity:
        """Return the identity of what is built of a graph for some ranges."""
        shapes = {name: ranges[name].key for name in sorted(ranges)}
        return cls(graph.sha256, graph.precision, shapes, place)

    @property
    def key(self) -> str:
        """A name for files."""
        return _digest(asdict(self))

    def differences(self, other: Identity) -> List[str]:
        """Say where an engine of the same graph and shapes was built otherwise than this one."""
        mine, theirs = asdict(self.place), asdict(other.place)
        return [
            f"{name} {theirs[name]}, now {mine[name]}"
            for name in mine
            if mine != theirs and mine[name] != theirs[name]
        ]


def identity_from(data: Mapping[str, Any]) -> Identity:
    """Read what `asdict` wrote.

    Raises:
        KeyError, TypeError, AttributeError: it is not that.
    """
    content: Dict[str, Any] = dict(data)
    place = content["place"] = Place(**content["place"])
    found = Identity(**content)
    shapes = found.shapes.items()
    texts = (
        found.graph,
        found.precision,
        *(t for pair in shapes for t in pair),
        *vars(place).values(),
    )
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("an identity is made of text")
    return found


def _digest(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
