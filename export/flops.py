"""FLOPs as the PCSR paper counts them: its printed numbers come out exactly.

Per output element: 2 per multiply-add of convolutions and linear layers, without the bias;
1 for PReLU and LeakyReLU; 2 for batch norm; nothing for ReLU, additions and concatenations.
(LeakyReLU is our reading: no printed number holds one; it costs what PReLU does.)
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping, Tuple, Type

import torch
from torch import fx, nn

from pcsr_edge.errors import ExportError
from pcsr_edge.export.tracing import function_kind, trace
from pcsr_edge.models.backbone import Backbone
from pcsr_edge.models.mlp import GEOMETRY_INPUTS, PixelMLP

PATCH = 4
"""Side in LR pixels of the image that a backbone is counted on; any size gives the same."""


def _convolution(layer: nn.Module, out: torch.Tensor) -> int:
    assert isinstance(layer, nn.Conv2d)
    return 2 * layer.weight[0].numel() * out.numel()


def _linear(layer: nn.Module, out: torch.Tensor) -> int:
    assert isinstance(layer, nn.Linear)
    return 2 * layer.in_features * out.numel()


def _per_element(cost: int) -> Callable[[nn.Module, torch.Tensor], int]:
    return lambda layer, out: cost * out.numel()


COSTS: Mapping[Type[nn.Module], Callable[[nn.Module, torch.Tensor], int]] = {
    nn.Conv2d: _convolution,
    nn.Linear: _linear,
    nn.PReLU: _per_element(1),
    nn.LeakyReLU: _per_element(1),
    nn.BatchNorm2d: _per_element(2),
    nn.ReLU: _per_element(0),
    nn.PixelShuffle: _per_element(0),
    nn.PixelUnshuffle: _per_element(0),
    nn.Identity: _per_element(0),
    nn.Dropout: _per_element(0),
}
"""Layer → FLOPs of one call, from the layer and its output."""


class _Counter(fx.Interpreter):
    """Runs a traced network and adds up the FLOPs of its calls."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__(trace(network))
        self.flops = 0

    def run_node(self, n: fx.Node) -> Any:
        """Run one call."""
        if n.op in ("call_function", "call_method"):
            function_kind(n)  # Raises where a function is unknown; the known ones are free.
        return super().run_node(n)

    def call_module(self, target: Any, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Any:
        """Run one layer and count it."""
        layer = self.fetch_attr(target)
        count = COSTS.get(type(layer))
        if count is None:
            raise ExportError(
                f"FLOPs of layer {target} are unknown: nobody has said what a "
                f"{type(layer).__name__} costs; known are "
                f"{', '.join(sorted(kind.__name__ for kind in COSTS))}"
            )
        out = super().call_module(target, args, kwargs)
        self.flops += count(layer, out)
        return out


def count_flops(network: nn.Module, example: torch.Tensor) -> int:
    """Count the FLOPs of `network` (in evaluation mode) on `example`.

    Raises:
        ExportError: it holds a layer or calls a function whose cost is unknown.
    """
    counter = _Counter(network)
    with torch.no_grad():
        counter.run(example)
    return counter.flops


def backbone_flops(backbone: Backbone) -> int:
    """Return the FLOPs of `backbone` for one LR pixel, projections of the heads excluded."""
    return count_flops(backbone, torch.zeros(1, 3, PATCH, PATCH)) // PATCH**2


def head_flops(head: PixelMLP) -> int:
    """Return the FLOPs of an upsampler or classifier for one query, projection included."""
    return count_flops(head, torch.zeros(1, head.feature_channels + GEOMETRY_INPUTS))
