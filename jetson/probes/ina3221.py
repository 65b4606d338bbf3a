"""Power of a Jetson's rails, by its sensor INA3221 (and Thor's INA238), from sysfs.

JetPack 4 has a driver of its own, with files in mW; later ones the kernel's, with mV and mA. Some
releases let only root read them: then there is no power, which is not the same as none drawn.
"""

from __future__ import annotations

from typing import Dict, Iterator, Optional, Tuple

from pcsr_edge.jetson.probes.rails import NOT_CONNECTED, module_power
from pcsr_edge.jetson.sample import Power
from pcsr_edge.jetson.tree import Tree

JETPACK_4 = "sys/bus/i2c/drivers/ina3221x/*/iio*"
HWMON = ("sys/bus/i2c/drivers/ina3221/*/hwmon/hwmon[0-9]*", "sys/class/hwmon/hwmon[0-9]*")
CHANNELS = range(1, 4)
"""Of the kernel's driver; what it calls in7 is a sum of shunt voltages."""
_MILLI, _MICRO = 1e3, 1e6


def ina3221_power(tree: Tree) -> Optional[Power]:
    """Return what the module draws; see `module_power`."""
    return module_power(rails_w(tree), "INA3221")


def rails_w(tree: Tree) -> Dict[str, float]:
    """Return W by rail."""
    found = {**dict(_jetpack_4(tree)), **dict(_thor_input(tree))}
    for pattern in HWMON:
        if not found.keys() - {"VIN"}:
            found.update(_kernel_driver(tree, pattern))
    return found


def _jetpack_4(tree: Tree) -> Iterator[Tuple[str, float]]:
    for path in tree.paths(f"{JETPACK_4}/rail_name_[0-9]"):
        folder, _, number = path.rpartition("/rail_name_")
        name, milliwatts = tree.text(path), tree.number(f"{folder}/in_power{number}_input")
        if name and name != NOT_CONNECTED and milliwatts is not None:
            yield name, milliwatts / _MILLI


def _kernel_driver(tree: Tree, pattern: str) -> Iterator[Tuple[str, float]]:
    for folder in tree.paths(pattern):
        if tree.text(f"{folder}/name") != "ina3221":
            continue
        for channel in CHANNELS:
            name = tree.text(f"{folder}/in{channel}_label")
            millivolts = tree.number(f"{folder}/in{channel}_input")
            milliamperes = tree.number(f"{folder}/curr{channel}_input")
            if name and name != NOT_CONNECTED and None not in (millivolts, milliamperes):
                assert millivolts is not None
                assert milliamperes is not None
                # The sensor's offset makes a rail that is off a little negative.
                yield name, max(0.0, millivolts * milliamperes / _MICRO)


def _thor_input(tree: Tree) -> Iterator[Tuple[str, float]]:
    for folder in tree.paths(HWMON[1]):
        microwatts = tree.number(f"{folder}/power1_input")
        if tree.text(f"{folder}/name") == "ina238" and microwatts is not None:
            yield "VIN", microwatts / _MICRO
