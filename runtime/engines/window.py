"""How small the picture may be that a graph takes, read without the onnx package."""

from __future__ import annotations

from typing import Iterator, List, Mapping, Tuple

from pcsr_edge.runtime.graph_weights import GRAPH_OF_MODEL
from pcsr_edge.runtime.protocol_buffer import content, fields, varints

# Numbers of fields in onnx.proto of ONNX 1.x.
_NODE_OF_GRAPH, _ATTRIBUTE_OF_NODE = 1, 5
_NAME, _INTS = 1, 8


def least_side(onnx: bytes) -> int:
    """Return pixels along a side with which no convolution runs out of them.

    It is as if all convolutions stood one behind the other: an upper end, which is exact where they
    do. A graph whose convolutions pad what they take away has 1.

    Raises:
        ValueError: the file is damaged.
        IndexError: it is cut off.
    """
    return 1 + sum(_taken_away(attributes) for attributes in _nodes(onnx))


def _nodes(onnx: bytes) -> Iterator[Mapping[str, List[int]]]:
    """Yield the whole numbers in the attributes of each node."""
    for number, graph in fields(onnx):
        if number != GRAPH_OF_MODEL:
            continue
        for inner, node in fields(content(graph)):
            if inner == _NODE_OF_GRAPH:
                found = fields(content(node))
                yield dict(_numbers(content(a)) for n, a in found if n == _ATTRIBUTE_OF_NODE)


def _numbers(attribute: bytes) -> Tuple[str, List[int]]:
    name = ""
    numbers: List[int] = []
    for number, value in fields(attribute):
        if number == _NAME:
            name = content(value).decode("utf-8")
        elif number == _INTS:
            # Writers may pack them or not.
            numbers += [value] if isinstance(value, int) else varints(value)
    return name, numbers


def _taken_away(attributes: Mapping[str, List[int]]) -> int:
    """Return the pixels that a node takes away along a side, both ends together."""
    kernel = attributes.get("kernel_shape", [])
    apart = attributes.get("dilations", [1] * len(kernel))
    # Those before each axis, then those behind each axis.
    pads = attributes.get("pads", [0] * (2 * len(kernel)))
    before, behind = pads[: len(kernel)], pads[len(kernel) :]
    each = ((k - 1) * d - a - b for k, d, a, b in zip(kernel, apart, before, behind))
    # What one adds another one beside it may lack.
    return max(0, *each) if kernel else 0
