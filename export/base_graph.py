"""The graph of the bilinear base at a whole scale: one convolution over cells."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from onnx import TensorProto

from pcsr_edge.export.graph_builder import GraphBuilder
from pcsr_edge.export.phase_base import bilinear_kernel

CHANNELS = 3


def write_base(builder: GraphBuilder, scale: int) -> None:
    """Write `image` (1, 3, h+2, w+2) to `base` (h*w*scale², 3), both float32.

    The image has a margin of one cell, at a picture's edge a copy of the edge. The result has
    the phases of a cell one behind the other, cells in raster order.
    """
    image = builder.input("image", TensorProto.FLOAT, [1, CHANNELS, "h", "w"])
    weight = builder.constant("base.weight", _weights(scale))
    planes = builder.node("Conv", "planes", [image, weight], kernel_shape=[3, 3])
    pixels = builder.node("Transpose", "pixels", [planes], perm=[0, 2, 3, 1])
    shape = builder.constant("rows", np.asarray([-1, CHANNELS], dtype=np.int64))
    builder.node("Reshape", "base", [pixels, shape])
    builder.output("base", TensorProto.FLOAT, ["queries", CHANNELS])


def _weights(scale: int) -> npt.NDArray[np.float32]:
    """Return (scale² * 3, 3, 3, 3): outputs by phase, then colour."""
    by_colour = bilinear_kernel(scale).reshape(CHANNELS, scale * scale, CHANNELS, 3, 3)
    return np.ascontiguousarray(by_colour.swapaxes(0, 1)).reshape(-1, CHANNELS, 3, 3)
