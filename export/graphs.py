"""All graphs of a PCSR network in one precision."""

from __future__ import annotations

from typing import Dict, Mapping

import onnx

from pcsr_edge.export.backbone_graph import write_backbone
from pcsr_edge.export.graph_builder import GraphBuilder, Precision
from pcsr_edge.export.mlp_graph import write_mlp
from pcsr_edge.models import PCSR
from pcsr_edge.models.mlp import PixelMLP

Graphs = Dict[str, onnx.ModelProto]
"""Graph name (`backbone`, `classifier`, `upsampler_0`…) → model, in the order of the manifest."""


def graphs_of(model: PCSR, precision: Precision, metadata: Mapping[str, str]) -> Graphs:
    """Translate `model` (in evaluation mode) to ONNX; `metadata` goes into every graph.

    Raises:
        ExportError: a layer cannot be translated, or a weight does not fit the precision.
    """
    graphs: Graphs = {}
    builder = GraphBuilder("backbone", precision)
    write_backbone(model, builder)
    graphs["backbone"] = builder.build(metadata)
    if model.classifier is not None:
        graphs["classifier"] = _mlp(model.classifier, "classifier", precision, "logits", metadata)
    for index, upsampler in enumerate(model.upsamplers):
        assert isinstance(upsampler, PixelMLP)
        name = f"upsampler_{index}"
        graphs[name] = _mlp(upsampler, name, precision, "residual", metadata)
    return graphs


def _mlp(
    mlp: PixelMLP, name: str, precision: Precision, output: str, metadata: Mapping[str, str]
) -> onnx.ModelProto:
    builder = GraphBuilder(name, precision)
    write_mlp(mlp, builder, output)
    return builder.build(metadata)
