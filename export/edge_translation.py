"""The way of a network of the edge-SR pool into a bundle."""

from __future__ import annotations

from typing import Dict, Mapping, Tuple, Union

import onnx
from torch import nn

from pcsr_edge.export.edge_gate import check_edge_accuracy
from pcsr_edge.export.edge_graph import edge_graph
from pcsr_edge.export.gate import GateReport
from pcsr_edge.export.graph_builder import Precision
from pcsr_edge.export.memory import peak_floats_per_cell
from pcsr_edge.export.packing import Files
from pcsr_edge.export.pictures import Pair
from pcsr_edge.export.translation import Translation, frozen, own_scale
from pcsr_edge.models import OneChannel
from pcsr_edge.runtime.manifest import Manifest


class EdgeTranslation(Translation):
    """One graph, `network`, on luma alone.

    Args:
        model: a trained network; it is not changed.
        scale: None, or the network's own; it has no other.

    Raises:
        UsageError: it is another scale.
    """

    method = "edge-sr"

    def __init__(self, model: OneChannel, scale: Union[int, str, None]) -> None:
        self._model = frozen(model)
        self.scale = own_scale(model.config.scale, scale)

    @property
    def facts(self) -> Mapping[str, str]:
        """Return the model's id."""
        return {"id": self._model.config.text}

    def graphs(
        self, precision: Precision, metadata: Mapping[str, str]
    ) -> Dict[str, onnx.ModelProto]:
        """Write the graph; see `edge_graph`."""
        return {"network": edge_graph(self._model, precision, metadata)}

    def check(self, files: Files, pairs: Tuple[Pair, ...]) -> GateReport:
        """Hold the files against the network; see `check_edge_accuracy`."""
        return check_edge_accuracy(self._model, files, pairs)

    def manifest(self, name: str, graphs: Mapping[str, onnx.ModelProto]) -> Manifest:
        """Describe the network."""
        return Manifest(
            name=name,
            method=self.method,
            scale=self.scale,
            channels="y",
            backbone_flops_per_cell=cell_flops(self._model),
            receptive_field=self._model.receptive_radius,
            activation_floats_per_cell=peak_floats_per_cell(graphs["network"]),
            precisions={},
        )


def cell_flops(model: OneChannel) -> int:
    """Return the FLOPs of all convolutions for one LR pixel; what joins channels is left out."""
    weights = [layer.weight for layer in model.hidden if isinstance(layer, nn.Conv2d)]
    return sum(2 * weight.numel() for weight in (*weights, model.last.weight))
