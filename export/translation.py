"""What an export needs to know of a network; each method has its own."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from typing import Dict, Mapping, Tuple, TypeVar, Union

import onnx
from torch import nn

from pcsr_edge.errors import UsageError
from pcsr_edge.export.gate import GateReport
from pcsr_edge.export.graph_builder import Precision
from pcsr_edge.export.packing import Files
from pcsr_edge.export.pictures import Pair
from pcsr_edge.runtime.manifest import Manifest

Network = TypeVar("Network", bound=nn.Module)


class Translation(ABC):
    """A trained network on its way into a bundle: in evaluation mode, float32, on the CPU."""

    method: str
    """As the manifest names it."""
    scale: Union[int, str]
    """Integer magnification, or `any`."""

    @property
    def facts(self) -> Mapping[str, str]:
        """Return what graphs and provenance are to tell besides name, method and scale."""
        return {}

    @property
    def gate_scale(self) -> int:
        """Return the scale of the gate's pictures."""
        assert isinstance(self.scale, int)
        return self.scale

    @abstractmethod
    def graphs(
        self, precision: Precision, metadata: Mapping[str, str]
    ) -> Dict[str, onnx.ModelProto]:
        """Write the graphs in a precision.

        Raises:
            ExportError: the network cannot be translated.
        """

    @abstractmethod
    def check(self, files: Files, pairs: Tuple[Pair, ...]) -> GateReport:
        """Hold the files against the network.

        Raises:
            AccuracyError: a graph is not accurate enough.
        """

    @abstractmethod
    def manifest(self, name: str, graphs: Mapping[str, onnx.ModelProto]) -> Manifest:
        """Describe the network; files, quality and provenance are left empty.

        Args:
            name: of the model.
            graphs: those of fp32.
        """


def frozen(model: Network) -> Network:
    """Return a copy of `model` as it behaves after training, in float32 on the CPU."""
    return copy.deepcopy(model).eval().float().cpu().requires_grad_(False)


def own_scale(own: int, asked: Union[int, str, None]) -> int:
    """Return the scale of a network that has one.

    Raises:
        UsageError: another was asked for.
    """
    if asked not in (None, own):
        raise UsageError(f"the network was trained for scale {own}, not {asked}; leave scale out")
    return own
