"""Graphs in int8: how their constants are named, and how the CPU reads them.

In a bundle all activations are symmetric int8 with zero point 0, which is all that TensorRT
takes. What a ReLU made is never negative, so half of that range is empty. A CPU takes unsigned
activations just as well: twice as fine steps, and the ReLU falls together with the rounding,
so that ONNX Runtime joins convolution, ReLU and quantization in one kernel.
"""

from __future__ import annotations

import struct
from typing import Iterator

from pcsr_edge.errors import BundleError
from pcsr_edge.runtime.protocol_buffer import content, fields

SCALE, ZERO = "/scale", "/zero"
"""Ends of the names of an activation's scale and zero point."""
POSITIVE_SCALE, POSITIVE_ZERO = "/scale_of_positive", "/zero_of_positive"
"""The same of an activation that is never negative."""
SIGNED_STEPS, UNSIGNED_STEPS = 127, 255
"""Of int8 and uint8 above zero."""
# Numbers of fields in onnx.proto of ONNX 1.x.
_GRAPH_OF_MODEL, _CONSTANT_OF_GRAPH = 7, 5
_NAME, _RAW = 8, 9
_INT8, _UINT8 = b"\x10\x03", b"\x10\x02"
"""The field of the element type, as it is written."""


def with_unsigned_activations(graph: bytes) -> bytes:
    """Return an ONNX file with uint8 in place of int8 for activations that are never negative.

    Zero points stay 0, and scales shrink so that the same range is covered. Other graphs, and
    other activations, are left as they are.

    Raises:
        BundleError: the bytes are no ONNX file.
    """
    if POSITIVE_ZERO.encode() not in graph:
        return graph
    try:
        changes = {constant: _unsigned(constant) for constant in _constants(graph)}
    except (IndexError, ValueError, struct.error) as exc:
        raise BundleError(f"a graph cannot be read ({exc}); calibrate the bundle again") from exc
    for signed, unsigned in changes.items():
        # Of equal length, so that no message around it changes; and found once, for its name.
        graph = graph.replace(signed, unsigned)
    return graph


def _constants(graph: bytes) -> Iterator[bytes]:
    """Go through the constants of never negative activations, as messages."""
    for number, model_field in fields(graph):
        if number == _GRAPH_OF_MODEL:
            for inner, constant in fields(content(model_field)):
                if inner == _CONSTANT_OF_GRAPH:
                    message = content(constant)
                    if _name(message).endswith((POSITIVE_SCALE, POSITIVE_ZERO)):
                        yield message


def _unsigned(message: bytes) -> bytes:
    if _name(message).endswith(POSITIVE_ZERO):
        # A scalar has no shape, so that its type is what is written first.
        if not message.startswith(_INT8):
            raise ValueError("a zero point is no INT8 scalar")
        return _UINT8 + message[len(_INT8) :]
    raw = content(dict(fields(message))[_RAW])
    (scale,) = struct.unpack("<f", raw)
    # The values stand behind the name.
    before, _, after = message.rpartition(raw)
    return before + struct.pack("<f", scale * SIGNED_STEPS / UNSIGNED_STEPS) + after


def _name(message: bytes) -> str:
    return content(dict(fields(message)).get(_NAME, b"")).decode("utf-8")
