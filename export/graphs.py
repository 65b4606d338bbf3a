"""All graphs of a PCSR network in one precision."""

from __future__ import annotations

from functools import partial
from typing import Dict, Mapping, Protocol, Tuple, Union

import onnx

from pcsr_edge.export.backbone_graph import write_backbone
from pcsr_edge.export.base_graph import write_base
from pcsr_edge.export.graph_builder import GraphBuilder, Precision
from pcsr_edge.export.mlp_graph import write_dense_mlp, write_mlp
from pcsr_edge.models import PCSR
from pcsr_edge.models.mlp import PixelMLP

Graphs = Dict[str, onnx.ModelProto]
"""Graph name (`backbone`, `classifier`, `upsampler_0`…) → model, in the order of the manifest."""


class _Write(Protocol):
    def __call__(self, *, builder: GraphBuilder) -> None: ...


def graphs_of(
    model: PCSR, precision: Precision, metadata: Mapping[str, str], scale: Union[int, str] = "any"
) -> Graphs:
    """Translate `model` (in evaluation mode) to ONNX; `metadata` goes into every graph.

    A whole `scale` adds the graphs for frames of just that scale: the bilinear base, and each
    head for all queries of a cell.

    Raises:
        ExportError: a layer cannot be translated, or a weight does not fit the precision.
    """
    parts: Dict[str, _Write] = {"backbone": partial(write_backbone, model)}
    for name, (mlp, output) in _heads(model).items():
        parts[name] = partial(write_mlp, mlp, output=output)
    if isinstance(scale, int):
        parts["base"] = partial(write_base, scale=scale)
        for name, (mlp, output) in _heads(model).items():
            parts[f"{name}_dense"] = partial(
                write_dense_mlp, mlp, output=output, phases=scale * scale
            )
    graphs: Graphs = {}
    for name, write in parts.items():
        builder = GraphBuilder(name, precision)
        write(builder=builder)
        graphs[name] = builder.build(metadata)
    return graphs


def _heads(model: PCSR) -> Dict[str, Tuple[PixelMLP, str]]:
    """Return graph name → the head it computes, and its output's name."""
    heads: Dict[str, Tuple[PixelMLP, str]] = {}
    if model.classifier is not None:
        heads["classifier"] = model.classifier, "logits"
    for index in range(model.classes):
        heads[f"upsampler_{index}"] = model.upsampler(index), "residual"
    return heads
