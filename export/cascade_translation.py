"""A cascade's way into a bundle."""

from __future__ import annotations

from typing import Dict, Mapping, Tuple, Union

import onnx
import torch
from torch import nn

from pcsr_edge.export.cascade_gate import check_cascade_accuracy
from pcsr_edge.export.cascade_graph import cascade_graphs
from pcsr_edge.export.flops import backbone_flops, count_flops
from pcsr_edge.export.gate import GateReport
from pcsr_edge.export.graph_builder import Precision
from pcsr_edge.export.memory import peak_floats_per_cell
from pcsr_edge.export.packing import Files
from pcsr_edge.export.pictures import Pair
from pcsr_edge.export.receptive import check_radius
from pcsr_edge.export.translation import Translation, frozen, own_scale
from pcsr_edge.models import Cascade
from pcsr_edge.runtime.manifest import ClassCost, Manifest


class CascadeTranslation(Translation):
    """Two graphs, `trunk` and `deep`.

    Args:
        model: a trained network; it is not changed.
        scale: None, or the network's own; it has no other.

    Raises:
        UsageError: it is another scale.
        ExportError: the trunk sees farther than it says.
    """

    method = "cascade"

    def __init__(self, model: Cascade, scale: Union[int, str, None]) -> None:
        self._model = frozen(model)
        self.scale = own_scale(model.config.scale, scale)
        self._trunk = self._model.reparameterised_trunk()
        check_radius(self._trunk)

    def graphs(
        self, precision: Precision, metadata: Mapping[str, str]
    ) -> Dict[str, onnx.ModelProto]:
        """Write the graphs; see `cascade_graphs`."""
        return cascade_graphs(self._model, precision, metadata)

    def check(self, files: Files, pairs: Tuple[Pair, ...]) -> GateReport:
        """Hold the files against the network; see `check_cascade_accuracy`."""
        return check_cascade_accuracy(self._model, files, pairs)

    def manifest(self, name: str, graphs: Mapping[str, onnx.ModelProto]) -> Manifest:
        """Describe the network."""
        model = self._model
        return Manifest(
            name=name,
            method=self.method,
            scale=self.scale,
            channels="rgb",
            backbone_flops_per_cell=backbone_flops(self._trunk),
            classes=self._costs(),
            classifier_flops_per_query=self._per_query(self._cell_flops(model.gain)),
            receptive_field=model.receptive_radius,
            block=model.config.block,
            margin=model.config.margin,
            activation_floats_per_cell=peak_floats_per_cell(graphs["trunk"]),
            precisions={},
        )

    def _costs(self) -> Tuple[ClassCost, ClassCost]:
        """Count both classes; the deep part with the margins that its blocks bring."""
        config = self._model.config
        size = config.block + 2 * config.margin
        block = torch.zeros(1, config.channels, size, size)
        deep = count_flops(self._model.reparameterised_deep(), block) / config.block**2
        light = self._cell_flops(self._model.light)
        return ClassCost(self._per_query(light + deep)), ClassCost(self._per_query(light))

    def _cell_flops(self, head: nn.Module) -> float:
        """Count a head of 1x1 convolutions for one cell."""
        return count_flops(nn.Sequential(head), torch.zeros(1, self._model.config.channels, 1, 1))

    def _per_query(self, per_cell: float) -> int:
        return round(per_cell / self._model.config.scale**2)
