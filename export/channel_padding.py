"""Zero channels that fill each group of a convolution up: exact, and what fast kernels want.

The kernels for blocked channels (ONNX Runtime's on AVX-512 and NEON, TensorRT's on tensor cores)
take groups of whole blocks. A group of 13 channels goes the slow way; with three channels of zero
weights more it does not, and every real channel gets what it got before.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Tuple

import numpy as np
import numpy.typing as npt
from torch import fx, nn

from pcsr_edge.export.tracing import function_kind

LANES = 16
"""Channels of a block: 16 on AVX-512, a multiple of the 8 on AVX2 and tensor cores."""
MOST_PADDING = 1.5
"""Groups that would grow more are left alone: zeros cost as much as numbers."""


@dataclass(frozen=True)
class Layout:
    """Where the real channels of a tensor lie among its padded ones."""

    positions: Tuple[int, ...]
    """Of each real channel, ascending."""
    size: int
    """Channels with padding."""

    def splits(self, groups: int) -> bool:
        """Tell whether `groups` equal parts hold equally many real channels, equally placed."""
        if self.size % groups or len(self.positions) % groups:
            return False
        parts = np.asarray(self.positions).reshape(groups, -1)
        return bool((parts == parts[0] + np.arange(groups)[:, None] * self.size // groups).all())

    def spread(self, values: npt.NDArray[Any], axis: int) -> npt.NDArray[Any]:
        """Put the real channels of `values` along `axis` in place, zeros between them."""
        shape = list(values.shape)
        shape[axis] = self.size
        out = np.zeros(shape, dtype=values.dtype)
        np.moveaxis(out, axis, 0)[list(self.positions)] = np.moveaxis(values, axis, 0)
        return out

    def part(self, groups: int) -> Layout:
        """Return the layout of the first of `groups` equal parts."""
        real = len(self.positions) // groups
        return Layout(self.positions[:real], self.size // groups)


def plain_layout(channels: int) -> Layout:
    """Return the layout without padding."""
    return Layout(tuple(range(channels)), channels)


def concatenated(layouts: List[Layout]) -> Layout:
    """Return the layout of tensors one behind the other."""
    starts = np.cumsum([0, *(layout.size for layout in layouts)])
    positions = [start + p for start, layout in zip(starts, layouts) for p in layout.positions]
    return Layout(tuple(int(p) for p in positions), int(starts[-1]))


def _grouped_layout(channels: int, groups: int) -> Layout:
    width = channels // groups
    padded = -(-width // LANES) * LANES
    if groups == 1 or padded > width * MOST_PADDING:
        # A tensor of one group is filled up by the engine itself.
        return plain_layout(channels)
    positions = (group * padded + i for group in range(groups) for i in range(width))
    return Layout(tuple(positions), groups * padded)


class LayoutPlan:
    """The layout of every tensor in a traced network of stride 1.

    Tensors of equally many channels have one layout, so that they can be added. Where that
    cannot be, as with groups across a concatenation, nothing at all is padded.
    """

    def __init__(self, traced: fx.GraphModule, layers: Mapping[str, nn.Module]) -> None:
        self._traced, self._layers = traced, layers
        self._groups = self._common_groups()
        self._layouts = self._plan()

    def of(self, node: fx.Node, channels: int) -> Layout:
        """Return the layout of what `node` makes, which has `channels` real channels."""
        return self._layouts.get(node) or plain_layout(channels)

    def _convolution(self, node: fx.Node) -> Optional[nn.Conv2d]:
        layer = self._layers[str(node.target)] if node.op == "call_module" else None
        return layer if isinstance(layer, nn.Conv2d) else None

    def _common_groups(self) -> Dict[int, int]:
        """Return channels → what the groups of all convolutions on them divide."""
        groups: Dict[int, int] = {}
        for node in self._traced.graph.nodes:
            layer = self._convolution(node)
            if layer is not None:
                for channels in (layer.in_channels, layer.out_channels):
                    known = groups.get(channels, 1)
                    groups[channels] = known * layer.groups // math.gcd(known, layer.groups)
        return groups

    def _plan(self) -> Dict[fx.Node, Layout]:
        layouts: Dict[fx.Node, Layout] = {}
        for node in self._traced.graph.nodes:
            if node.op in ("placeholder", "output"):
                continue
            layout = self._layout(node, layouts)
            if layout is None:
                return {}
            layouts[node] = layout
        return layouts

    def _layout(self, node: fx.Node, known: Mapping[fx.Node, Layout]) -> Optional[Layout]:
        """Return the layout after `node`; None where padding does not work out."""
        layer = self._convolution(node)
        inputs = [known.get(source) for source in node.all_input_nodes]
        if layer is not None:
            out = _grouped_layout(layer.out_channels, self._groups[layer.out_channels])
            source = inputs[0] or plain_layout(layer.in_channels)
            return out if source.splits(layer.groups) and out.splits(layer.groups) else None
        found = [layout for layout in inputs if layout is not None]
        if len(found) != len(inputs) or not found:
            return None
        if node.op == "call_function" and function_kind(node) == "concat":
            parts: Any = node.args[0]
            return concatenated([known[part] for part in parts])
        return found[0] if all(layout == found[0] for layout in found) else None
