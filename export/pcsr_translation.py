"""A PCSR network's way into a bundle."""

from __future__ import annotations

from typing import Dict, List, Mapping, Tuple, Union

import onnx
from torch import nn

from pcsr_edge.export.flops import backbone_flops, head_flops
from pcsr_edge.export.gate import GateReport, check_accuracy
from pcsr_edge.export.graph_builder import Precision
from pcsr_edge.export.graphs import graphs_of
from pcsr_edge.export.memory import peak_floats_per_cell
from pcsr_edge.export.packing import Files
from pcsr_edge.export.pictures import Pair
from pcsr_edge.export.receptive import check_radius
from pcsr_edge.export.translation import Translation, frozen
from pcsr_edge.models import PCSR
from pcsr_edge.models.mlp import PixelMLP
from pcsr_edge.runtime.manifest import ClassCost, Manifest

DEFAULT_SCALE = 4
"""Scale of a checkpoint that does not tell its own."""


class PCSRTranslation(Translation):
    """Graphs for backbone, classifier and each upsampler; with a scale, dense ones as well.

    Args:
        model: a trained network; it is not changed.
        scale: integer magnification it was trained for, or `any`.

    Raises:
        ExportError: the backbone sees farther than it says.
    """

    method = "pcsr"

    def __init__(self, model: PCSR, scale: Union[int, str]) -> None:
        self._model = frozen(model)
        self.scale = scale
        check_radius(self._model.backbone)

    @property
    def gate_scale(self) -> int:
        """Return the network's scale, or `DEFAULT_SCALE` where it has any."""
        return self.scale if isinstance(self.scale, int) else DEFAULT_SCALE

    def graphs(
        self, precision: Precision, metadata: Mapping[str, str]
    ) -> Dict[str, onnx.ModelProto]:
        """Write the graphs; see `graphs_of`."""
        return graphs_of(self._model, precision, metadata, self.scale)

    def check(self, files: Files, pairs: Tuple[Pair, ...]) -> GateReport:
        """Hold the files against the network; see `check_accuracy`."""
        return check_accuracy(self._model, files, self.gate_scale, pairs)

    def manifest(self, name: str, graphs: Mapping[str, onnx.ModelProto]) -> Manifest:
        """Describe the network."""
        model = self._model
        return Manifest(
            name=name,
            method=self.method,
            scale=self.scale,
            channels="rgb",
            classes=tuple(ClassCost(head_flops(head)) for head in self._upsamplers()),
            backbone_flops_per_cell=backbone_flops(model.backbone),
            classifier_flops_per_query=(
                0 if model.classifier is None else head_flops(model.classifier)
            ),
            mean=model.config.mean,
            std=model.config.std,
            receptive_field=model.backbone.receptive_radius,
            activation_floats_per_cell=peak_floats_per_cell(graphs["backbone"]),
            precisions={},
        )

    def _upsamplers(self) -> List[PixelMLP]:
        modules: List[nn.Module] = list(self._model.upsamplers)
        return [module for module in modules if isinstance(module, PixelMLP)]
