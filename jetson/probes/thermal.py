"""Temperatures, by the kernel's thermal zones."""

from __future__ import annotations

from typing import Dict

from pcsr_edge.jetson.tree import Tree

ZONES = "sys/class/thermal/thermal_zone[0-9]*"
CONSTANT = ("PMIC-Die", "PMIC")
"""Sensors of a Jetson that always say the same: 100 °C with JetPack 4, 50 °C with 5."""
OFF, HOTTEST = -50.0, 200.0
"""°C beyond which a sensor is taken to be off; a Jetson's says -256."""
_MILLI = 1e3


def temperatures_c(tree: Tree) -> Dict[str, float]:
    """Return °C by the zones' names; of zones of one name, the hottest."""
    found: Dict[str, float] = {}
    for zone in tree.paths(ZONES):
        name, value = tree.text(f"{zone}/type"), tree.number(f"{zone}/temp")
        if not name or value is None or name in CONSTANT:
            continue
        degrees = value / _MILLI
        if OFF < degrees < HOTTEST:
            found[name] = max(degrees, found.get(name, degrees))
    return found
