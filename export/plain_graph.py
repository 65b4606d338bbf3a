"""A plain network's graph: one convolution per layer, and the bilinear base as another."""

from __future__ import annotations

import copy
from typing import Mapping

import onnx
from onnx import TensorProto

from pcsr_edge.export.backbone_graph import write_features
from pcsr_edge.export.graph_builder import GraphBuilder, Precision
from pcsr_edge.export.phase_base import write_base, write_sum
from pcsr_edge.models import Plain
from pcsr_edge.models.plain import PlainBody


def merged_body(model: Plain) -> PlainBody:
    """Return the plain convolutions of `model`, merged in double precision: rounded once."""
    return copy.deepcopy(model).double().reparameterised()


def plain_graph(model: Plain, precision: Precision, metadata: Mapping[str, str]) -> onnx.ModelProto:
    """Write `image` (1, 3, h, w) in [0, 1] to `phases`, (1, 3·scale², h, w), not clipped.

    Channel c*scale² + phase, as torch's pixel_unshuffle gives it. Both are float32 in every
    precision: the network's convolutions alone run in float16, so that the bilinear base, which
    holds most of a picture, is not rounded.

    Raises:
        ExportError: a weight does not fit the precision.
    """
    builder = GraphBuilder("network", precision)
    half = builder.element_type != TensorProto.FLOAT
    image = builder.input("image", TensorProto.FLOAT, [1, 3, "h", "w"])
    base = write_base(builder, image, model.config.scale)
    cells = builder.cast("network_input", image, builder.element_type) if half else image
    residual, _ = write_features(merged_body(model), builder, cells)
    write_sum(builder, residual, base, model.config.scale)
    return builder.build(metadata)
