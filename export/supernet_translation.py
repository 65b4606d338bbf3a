"""A supernet's way into a bundle (ARM, WBSR)."""

from __future__ import annotations

from typing import Dict, Mapping, Tuple, Union

import onnx

from pcsr_edge.export.flops import backbone_flops
from pcsr_edge.export.gate import GateReport
from pcsr_edge.export.graph_builder import Precision, model_bytes
from pcsr_edge.export.memory import peak_floats_per_cell
from pcsr_edge.export.packing import Files
from pcsr_edge.export.pictures import Pair
from pcsr_edge.export.receptive import check_radius
from pcsr_edge.export.supernet_gate import check_supernet_accuracy
from pcsr_edge.export.supernet_graph import subnet_name, supernet_graphs, without_shared
from pcsr_edge.export.translation import Translation, frozen, own_scale
from pcsr_edge.models import Supernet, method_of
from pcsr_edge.runtime.manifest import ClassCost, Manifest

DEFAULT_ETA = 4.0
"""Near the widest subnet's quality, with patches that gain little left to cheaper ones."""


class SupernetTranslation(Translation):
    """One graph per subnet; the widest one's file holds the weights of all.

    The bundle lacks the table that gives patches their subnets: it is measured on pictures, by
    `pcsr-edge calibrate edge-psnr` or `gradient-map`.

    Args:
        model: a trained network; it is not changed.
        scale: None, or the network's own; it has no other.

    Raises:
        UsageError: it is another scale.
        ExportError: a subnet sees farther than it says.
    """

    def __init__(self, model: Supernet, scale: Union[int, str, None]) -> None:
        self._model = frozen(model)
        self.method = method_of(model.config)
        self.scale = own_scale(model.config.scale, scale)
        self._subnets = [self._model.subnet(j) for j in range(len(model.config.widths))]
        for subnet in self._subnets:
            check_radius(subnet)

    def graphs(
        self, precision: Precision, metadata: Mapping[str, str]
    ) -> Dict[str, onnx.ModelProto]:
        """Write the graphs, each complete; see `supernet_graphs`."""
        return supernet_graphs(self._model, precision, metadata)

    def check(self, files: Files, pairs: Tuple[Pair, ...]) -> GateReport:
        """Hold the files against the network; see `check_supernet_accuracy`."""
        return check_supernet_accuracy(self._model, files, pairs)

    def stored(self, files: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """Return the files with each weight once; see `without_shared`."""
        graphs = {name: onnx.load_model_from_string(content) for name, content in files.items()}
        widest = graphs.pop(subnet_name(0))
        lean = {name: without_shared(graph, widest) for name, graph in graphs.items()}
        return {**files, **{name: model_bytes(graph) for name, graph in lean.items()}}

    def manifest(self, name: str, graphs: Mapping[str, onnx.ModelProto]) -> Manifest:
        """Describe the network."""
        config = self._model.config
        return Manifest(
            name=name,
            method=self.method,
            scale=self.scale,
            channels="rgb",
            backbone_flops_per_cell=0,
            classes=self._costs(),
            receptive_field=self._model.receptive_radius,
            patch=config.patch,
            step=config.step,
            default_eta=DEFAULT_ETA,
            activation_floats_per_cell=peak_floats_per_cell(graphs[subnet_name(0)]),
            precisions={},
        )

    def _costs(self) -> Tuple[ClassCost, ...]:
        """Count each subnet for one query; interpolation is free, as in the article."""
        queries = self._model.config.scale**2
        flops = [*map(backbone_flops, self._subnets), 0]
        return tuple(ClassCost(round(each / queries)) for each in flops)
