"""Which layers stay in float32, so that the pictures stay as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import AbstractSet, Callable, FrozenSet, Mapping, NamedTuple, Sequence, Tuple

from pcsr_edge.errors import AccuracyError


class Layer(NamedTuple):
    """One layer of a bundle."""

    graph: str
    node: str

    def __str__(self) -> str:
        return f"{self.graph}/{self.node}"


Measure = Callable[[AbstractSet[Layer]], float]
"""From the layers in int8 to the change of PSNR in dB, negative for a loss."""
Say = Callable[[str], None]
"""Receives lines that tell how the search goes on."""


@dataclass(frozen=True)
class Found:
    """What a search found."""

    chosen: FrozenSet[Layer]
    """Layers in int8."""
    alone: Mapping[Layer, float]
    """Layer → change of PSNR in dB with it alone in int8."""
    change: float
    """Change of PSNR in dB with all that are chosen."""


def search(layers: Sequence[Layer], measure: Measure, gate: float, say: Say) -> Found:
    """Choose as many layers as the gate allows.

    Each is tried alone first. Then all are taken, and the one that changes most is given back
    until the change is within the gate.

    Args:
        layers: at least one.
        measure: see `Measure`.
        gate: greatest |change| in dB.
        say: told of each layer, and of each that is given back.

    Raises:
        AccuracyError: not even one layer keeps the gate.
    """
    width = max(len(str(layer)) for layer in layers)
    alone = {}
    for layer in layers:
        alone[layer] = measure({layer})
        say(f"{layer!s:<{width}}  {alone[layer]:+.4f} dB")
    by_harm: Tuple[Layer, ...] = tuple(sorted(layers, key=lambda layer: -abs(alone[layer])))
    for kept in range(len(by_harm)):
        chosen = frozenset(by_harm[kept:])
        change = measure(chosen)
        say(f"{len(chosen)} of {len(layers)} layers in int8: {change:+.4f} dB")
        if abs(change) <= gate:
            return Found(chosen, alone, change)
        say(f"{by_harm[kept]} stays in float")
    raise AccuracyError(
        f"no layer can be in int8: the least harmful one, {by_harm[-1]}, changes PSNR by "
        f"{alone[by_harm[-1]]:+.3f} dB, allowed is {gate:g} dB; nothing was written"
    )
