"""What a Raspberry Pi tells: by `vcgencmd`, and by sysfs where that is missing.

Source: Raspberry Pi's documentation of `vcgencmd`. Containers mostly lack the tool, and users
outside the group `video` may not ask it.
"""

from __future__ import annotations

import re
from typing import Dict, Optional

from pcsr_edge.jetson.probes.reasons import Throttling
from pcsr_edge.jetson.sample import Power
from pcsr_edge.jetson.tree import Tree

REASONS = ("under-voltage", "frequency capped", "throttled", "soft temperature limit")
"""By bit of `get_throttled`; since the start they are 16 bits higher."""
BEFORE = 16
FIRMWARE = "sys/devices/platform/soc/soc:firmware/get_throttled"
HWMON = "sys/class/hwmon/hwmon[0-9]*"
PMIC = "PMIC rails, without what hangs on 5 V"
_LINE = re.compile(
    r"^\s*(\w{1,32})_([AV])\s+(current|volt)\(\d{1,3}\)=(\d{1,4}\.\d{1,10})[AV]\s*$",
    re.MULTILINE | re.ASCII,
)


def pi_throttling(tree: Tree) -> Optional[Throttling]:
    """Return what slows the board down, by the firmware, else the alarm of its voltage."""
    # Reading a file costs less than starting a tool, and this is asked twice a second.
    found = parse_throttled(tree.text(FIRMWARE) or "")
    if found is None:
        found = parse_throttled(tree.output("vcgencmd", "get_throttled") or "")
    return _voltage_alarm(tree) if found is None else found


def pi_power(tree: Tree) -> Optional[Power]:
    """Return the sum of the rails of a Pi 5's power chip; an earlier Pi has no such sensor."""
    return parse_adc(tree.output("vcgencmd", "pmic_read_adc") or "")


def pi_clock_mhz(tree: Tree) -> Optional[float]:
    """Return the processor's clock as the firmware has it, which may be less than was asked."""
    return parse_clock(tree.output("vcgencmd", "measure_clock", "arm") or "")


def pi_temperature_c(tree: Tree) -> Optional[float]:
    """Return the temperature of the chip in °C, by the firmware."""
    return parse_temperature(tree.output("vcgencmd", "measure_temp") or "")


def parse_throttled(text: str) -> Optional[Throttling]:
    """Read `throttled=0x50000`, or the number alone as sysfs has it (without 0x)."""
    match = re.fullmatch(r"\s*(?:throttled=)?(?:0x)?([0-9a-fA-F]{1,8})\s*", text)
    if match is None:
        return None
    bits = int(match[1], 16)
    return Throttling(
        tuple(reason for bit, reason in enumerate(REASONS) if bits >> bit & 1),
        tuple(reason for bit, reason in enumerate(REASONS) if bits >> bit + BEFORE & 1),
    )


def parse_temperature(text: str) -> Optional[float]:
    """Read `temp=48.3'C`."""
    match = re.fullmatch(r"\s*temp=(-?\d{1,3}(?:\.\d{1,3})?)'C\s*", text)
    return None if match is None else float(match[1])


def parse_clock(text: str) -> Optional[float]:
    """Read `frequency(48)=1500345728`, in Hz, as MHz; the number in brackets varies."""
    match = re.fullmatch(r"\s*frequency\(\d{1,3}\)=(\d{1,11})\s*", text)
    return None if match is None else int(match[1]) / 1e6


def parse_adc(text: str) -> Optional[Power]:
    """Read the lines of `pmic_read_adc`: A and V of each rail, of which some have only one.

    The sum is an estimate: what hangs on the 5 V input itself (USB, NVMe, fan) and what
    converters lose has no sensor.
    """
    values: Dict[str, Dict[str, float]] = {"A": {}, "V": {}}
    for name, unit, kind, number in _LINE.findall(text):
        if (unit, kind) in (("A", "current"), ("V", "volt")):
            values[unit][name] = float(number)
    rails = {name: values["V"][name] * a for name, a in values["A"].items() if name in values["V"]}
    return Power(sum(rails.values()), PMIC, rails, estimate=True) if rails else None


def _voltage_alarm(tree: Tree) -> Optional[Throttling]:
    for folder in tree.paths(HWMON):
        if tree.text(f"{folder}/name") == "rpi_volt":
            alarm = tree.number(f"{folder}/in0_lcrit_alarm")
            # The kernel clears the firmware's bit each 2 s that it asks, so this is no memory.
            return None if alarm is None else Throttling(REASONS[:1] if alarm else (), ())
    return None
