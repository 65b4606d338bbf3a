"""A plain network's graph: one convolution per layer, pixel shuffle, bilinear base."""

from __future__ import annotations

import copy
from typing import Mapping

import numpy as np
import onnx
from onnx import TensorProto

from pcsr_edge.export.backbone_graph import write_features
from pcsr_edge.export.graph_builder import GraphBuilder, Precision
from pcsr_edge.models import Plain
from pcsr_edge.models.plain import PlainBody


def merged_body(model: Plain) -> PlainBody:
    """Return the plain convolutions of `model`, merged in double precision: rounded once."""
    return copy.deepcopy(model).double().reparameterised()


def plain_graph(model: Plain, precision: Precision, metadata: Mapping[str, str]) -> onnx.ModelProto:
    """Write `image` (1, 3, h, w) in [0, 1] to `sr` (1, 3, h*scale, w*scale), not clipped.

    Both are float32 in every precision: convolutions and shuffle alone run in float16, so that
    the bilinear base, which holds most of a picture, is not rounded.

    Raises:
        ExportError: a weight does not fit the precision.
    """
    builder = GraphBuilder("network", precision)
    half = builder.element_type != TensorProto.FLOAT
    image = builder.input("image", TensorProto.FLOAT, [1, 3, "h", "w"])
    scale = model.config.scale
    # Written first, ONNX Runtime runs it last (it goes back from the outputs): in the memory that
    # the shuffle has just freed. Run before, it keeps memory of its own that nothing else can use.
    scales = builder.constant("scales", np.asarray([1, 1, scale, scale], dtype=np.float32))
    base = builder.node(
        "Resize",
        "base",
        [image, "", scales],
        mode="linear",
        coordinate_transformation_mode="half_pixel",
    )
    cells = builder.cast("network_input", image, builder.element_type) if half else image
    phases, _ = write_features(merged_body(model), builder, cells)
    # CRD: channel c*scale² + phase, as torch's pixel_shuffle.
    residual = builder.node("DepthToSpace", "residual", [phases], blocksize=scale, mode="CRD")
    if half:
        residual = builder.cast("residual_float", residual, TensorProto.FLOAT)
    sr = builder.node("Add", "sr", [residual, base])
    builder.output(sr, TensorProto.FLOAT, [1, 3, "H", "W"])
    return builder.build(metadata)
