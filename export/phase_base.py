"""The bilinear base of networks of one scale, as a convolution: what engines do fastest."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from onnx import TensorProto

from pcsr_edge.export.graph_builder import GraphBuilder


def bilinear_kernel(scale: int) -> npt.NDArray[np.float32]:
    """Return the kernel that gives every phase of the bilinear upsampling: (3·scale², 3, 3, 3).

    Pixel centres lie half a pixel inside, so that a query needs its cell and one neighbour at
    most; channel c*scale² + phase, as torch's pixel_shuffle has it.
    """
    offsets = (np.arange(scale) + 0.5) / scale - 0.5
    before, after = np.maximum(-offsets, 0), np.maximum(offsets, 0)
    taps = np.stack([before, 1 - before - after, after], axis=1)
    kernel = np.zeros((3, scale * scale, 3, 3, 3))
    for channel in range(3):
        kernel[channel, :, channel] = np.einsum("ai,bj->abij", taps, taps).reshape(-1, 3, 3)
    return kernel.reshape(-1, 3, 3, 3).astype(np.float32)


def write_base(builder: GraphBuilder, image: str, scale: int) -> str:
    """Write the bilinear base of `image`, float32 (1, 3, h, w), by phase: (1, 3·scale², h, w).

    It is to be written before the network: ONNX Runtime goes back from the outputs, and runs
    last what comes first, in memory that the network has just freed.
    """
    pads = builder.constant("base_pads", np.asarray([0, 0, 1, 1, 0, 0, 1, 1], dtype=np.int64))
    padded = builder.node("Pad", "base_input", [image, pads], mode="edge")
    kernel = builder.constant("base.weight", bilinear_kernel(scale))
    return builder.node("Conv", "base", [padded, kernel], kernel_shape=[3, 3])


def write_sum(builder: GraphBuilder, residual: str, base: str, scale: int) -> None:
    """Write `phases`, the sum of a residual by phase and of the base, as an output.

    It is float32 in every precision: the base, which holds most of a picture, is not rounded.
    The pixels of a cell stay channels: who reads them writes each to its place while it
    rounds it, where a shuffle here would move them all once more.

    Args:
        builder: of the graph; its input is a picture of `h` x `w` cells.
        residual: (1, 3·scale², h, w) in the graph's precision.
        base: of `write_base`.
        scale: magnification.
    """
    if builder.element_type != TensorProto.FLOAT:
        residual = builder.cast("residual_float", residual, TensorProto.FLOAT)
    phases = builder.node("Add", "phases", [residual, base])
    builder.output(phases, TensorProto.FLOAT, [1, 3 * scale**2, "h", "w"])
