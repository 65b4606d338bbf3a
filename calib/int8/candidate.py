"""Graphs in int8 that may come into a bundle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Collection, Dict, Mapping

from pcsr_edge.calib.int8.qdq import Ranges, quantized
from pcsr_edge.calib.int8.search import Layer

if TYPE_CHECKING:
    import onnx


@dataclass
class Candidate:
    """Ranges of activations, and the graphs that come of them."""

    finder: str
    """How the ranges were found."""
    models: Mapping[str, onnx.ModelProto]
    """Graph → float32 model."""
    ranges: Mapping[str, Ranges]
    """Graph → ranges of its tensors."""
    change: float = 0.0
    """Change of PSNR in dB with all layers in int8."""

    def graphs(self, layers: Collection[Layer]) -> Dict[str, bytes]:
        """Return the graphs that hold some of `layers`, with these in int8.

        Raises:
            DialectError: a graph would not be read the same way on every target.
        """
        from pcsr_edge.export.dialect import check_dialect

        found: Dict[str, bytes] = {}
        for graph in [name for name in self.models if name in {layer.graph for layer in layers}]:
            chosen = {layer.node for layer in layers if layer.graph == graph}
            model = quantized(self.models[graph], chosen, self.ranges[graph])
            check_dialect(model)
            found[graph] = bytes(model.SerializeToString(deterministic=True))
        return found
