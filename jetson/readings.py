"""Clocks and temperatures of a machine, by whatever it has."""

from __future__ import annotations

from typing import Dict

from pcsr_edge.jetson.board import RASPBERRY_PI, Board
from pcsr_edge.jetson.probes import clocks, raspberry_pi, thermal
from pcsr_edge.jetson.tree import Tree


def clocks_mhz(tree: Tree, board: Board) -> Dict[str, float]:
    """Return MHz by `cpu`, `gpu` and `emc`; what is not told is missing."""
    found = clocks.current_mhz(tree)
    if "cpu" not in found and board.kind == RASPBERRY_PI:
        mhz = raspberry_pi.pi_clock_mhz(tree)
        return found if mhz is None else {**found, "cpu": mhz}
    return found


def temperatures_c(tree: Tree, board: Board) -> Dict[str, float]:
    """Return °C by the sensors' names."""
    found = thermal.temperatures_c(tree)
    if not found and board.kind == RASPBERRY_PI:
        degrees = raspberry_pi.pi_temperature_c(tree)
        return {} if degrees is None else {"cpu-thermal": degrees}
    return found
