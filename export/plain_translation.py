"""A plain network's way into a bundle."""

from __future__ import annotations

from typing import Dict, Mapping, Tuple, Union

import onnx

from pcsr_edge.export.flops import backbone_flops
from pcsr_edge.export.gate import GateReport
from pcsr_edge.export.graph_builder import Precision
from pcsr_edge.export.memory import peak_floats_per_cell
from pcsr_edge.export.packing import Files
from pcsr_edge.export.pictures import Pair
from pcsr_edge.export.plain_gate import check_plain_accuracy
from pcsr_edge.export.plain_graph import plain_graph
from pcsr_edge.export.receptive import check_radius
from pcsr_edge.export.translation import Translation, frozen, own_scale
from pcsr_edge.models import Plain
from pcsr_edge.runtime.manifest import Manifest


class PlainTranslation(Translation):
    """One graph, `network`.

    Args:
        model: a trained network; it is not changed.
        scale: None, or the network's own; it has no other.

    Raises:
        UsageError: it is another scale.
        ExportError: the network sees farther than it says.
    """

    method = "plain"

    def __init__(self, model: Plain, scale: Union[int, str, None]) -> None:
        self._model = frozen(model)
        self.scale = own_scale(model.config.scale, scale)
        self._body = self._model.reparameterised()
        check_radius(self._body)

    def graphs(
        self, precision: Precision, metadata: Mapping[str, str]
    ) -> Dict[str, onnx.ModelProto]:
        """Write the graph; see `plain_graph`."""
        return {"network": plain_graph(self._model, precision, metadata)}

    def check(self, files: Files, pairs: Tuple[Pair, ...]) -> GateReport:
        """Hold the files against the network; see `check_plain_accuracy`."""
        return check_plain_accuracy(self._model, files, pairs)

    def manifest(self, name: str, graphs: Mapping[str, onnx.ModelProto]) -> Manifest:
        """Describe the network."""
        return Manifest(
            name=name,
            method=self.method,
            scale=self.scale,
            channels="rgb",
            backbone_flops_per_cell=backbone_flops(self._body),
            receptive_field=self._model.receptive_radius,
            activation_floats_per_cell=peak_floats_per_cell(graphs["network"]),
            precisions={},
        )
