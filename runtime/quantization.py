"""Graphs in int8: how their constants are named, and how the CPU reads them.

In a bundle all activations are symmetric int8 with zero point 0, which is all that TensorRT
takes. What a ReLU made is never negative, so half of that range is empty. A CPU takes unsigned
activations just as well: twice as fine steps, and the ReLU falls together with the rounding,
so that ONNX Runtime joins convolution, ReLU and quantization in one kernel.
"""

from __future__ import annotations

import struct

from pcsr_edge.runtime.graph_weights import constants

SCALE, ZERO = "/scale", "/zero"
"""Ends of the names of an activation's scale and zero point."""
POSITIVE_SCALE, POSITIVE_ZERO = "/scale_of_positive", "/zero_of_positive"
"""The same of an activation that is never negative."""
SIGNED_STEPS, UNSIGNED_STEPS = 127, 255
"""Of int8 and uint8 above zero."""
_UINT8 = 2
"""In onnx's `TensorProto.DataType`."""


def with_unsigned_activations(graph: bytes) -> bytes:
    """Return an ONNX file with uint8 in place of int8 for activations that are never negative.

    Zero points stay 0, and scales shrink so that the same range is covered. Other graphs, and
    other activations, are left as they are.

    Raises:
        BundleError: the bytes are no ONNX file.
    """
    if POSITIVE_ZERO.encode() not in graph:
        return graph
    out = bytearray(graph)
    for constant in constants(graph):
        if constant.name.endswith(POSITIVE_ZERO):
            out[constant.kind_at] = _UINT8
        elif constant.name.endswith(POSITIVE_SCALE):
            (scale,) = struct.unpack_from("<f", graph, constant.raw[0])
            smaller = scale * SIGNED_STEPS / UNSIGNED_STEPS
            struct.pack_into("<f", out, constant.raw[0], smaller)
    return bytes(out)
