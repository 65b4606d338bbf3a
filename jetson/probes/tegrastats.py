"""Lines of `tegrastats`, as JetPack 4 to 7 write them.

A line is a row of words without a description; what it may hold was taken from lines of real
boards (tests/data/tegrastats.txt). Averages and maxima in it are those since the tool was started,
so only the present values are read.
"""

from __future__ import annotations

import re
from typing import Dict, Mapping, Match, NamedTuple, Optional, Tuple

from pcsr_edge.jetson.probes.rails import NOT_CONNECTED

LONGEST_LINE = 4096
"""Characters; real lines have less than 1000."""
GPU, EMC = "GR3D_FREQ", "EMC_FREQ"
CONSTANT = "PMIC"
"""A sensor that always says 100 °C with JetPack 4, 50 °C with 5."""
OFF, HOTTEST = -50.0, 200.0
_MEGABYTE = 2**20
_RAM = re.compile(r"(?<!\S)RAM (\d{1,9})/(\d{1,9})MB(?!\S)")
_CORES = re.compile(r"(?<!\S)\[([^\[\]]*)\](?:@(\d{1,5}))?(?!\S)")
_CORE = re.compile(r"(\d{1,3})%(?:@(\d{1,5}))?")
_CLOCKS = r"(\d{1,5}|\[[\d,]{0,64}\])"
_ENGINE = re.compile(
    rf"(?<!\S)([A-Z][A-Z0-9_]{{0,31}}) (?:(\d{{1,3}})%(?:@{_CLOCKS})?|@{_CLOCKS}|(\d{{1,5}}))(?!\S)"
)
_TEMPERATURE = re.compile(
    r"(?<!\S)([\w.-]{1,32})@(-?\d{1,4}(?:\.\d{1,4})?)C(?:/-?\d{1,4}(?:\.\d{1,4})?C)?(?!\S)",
    re.ASCII,
)
_RAIL = re.compile(
    r"(?<!\S)([A-Z][A-Z0-9_]{0,31}) (-?\d{1,7})(?:mW)?(?:/-?\d{1,7}(?:mW)?){1,2}(?!\S)"
)


class Engine(NamedTuple):
    """A unit of the processor, e.g. the GPU."""

    load: Optional[float] = None
    """0…1."""
    mhz: Optional[float] = None
    """The fastest of its parts; None where it is off, or only root is told."""


class TegraLine(NamedTuple):
    """What one line says; what it does not say is None, or missing by name."""

    memory_used: Optional[int] = None
    """Bytes."""
    memory: Optional[int] = None
    """Bytes."""
    cores: Tuple[Optional[Engine], ...] = ()
    """None for a core that is off."""
    engines: Mapping[str, Engine] = {}
    """By the name in the line, e.g. `GR3D_FREQ`; those that are off are missing."""
    temperatures_c: Mapping[str, float] = {}
    rails_w: Mapping[str, float] = {}

    def clocks_mhz(self) -> Dict[str, float]:
        """Return MHz by `cpu` (the fastest core), `gpu`, `emc`."""
        cpu = max((core.mhz for core in self.cores if core and core.mhz), default=None)
        found = {"cpu": cpu, "gpu": self.engine(GPU).mhz, "emc": self.engine(EMC).mhz}
        return {name: mhz for name, mhz in found.items() if mhz is not None}

    def engine(self, name: str) -> Engine:
        """Return what is known of a unit."""
        return self.engines.get(name, Engine())


def parse_line(text: str) -> Optional[TegraLine]:
    """Read one line; None where nothing in it is of tegrastats."""
    text = text[:LONGEST_LINE]
    used, memory = _memory(text)
    line = TegraLine(used, memory, _cores(text), _engines(text), _temperatures(text), _rails(text))
    return line if line != TegraLine() else None


def _memory(text: str) -> Tuple[Optional[int], Optional[int]]:
    match = _RAM.search(text)
    if match is None:
        return None, None
    return int(match[1]) * _MEGABYTE, int(match[2]) * _MEGABYTE


def _cores(text: str) -> Tuple[Optional[Engine], ...]:
    match = _CORES.search(text)
    if match is None:
        return ()
    words = [_CORE.fullmatch(word) for word in match[1].split(",") if word != "..."]
    return tuple(None if word is None else _core(word, match[2]) for word in words)


def _core(word: Match[str], shared_mhz: Optional[str]) -> Engine:
    mhz = word[2] or shared_mhz
    return Engine(int(word[1]) / 100, float(mhz) if mhz else None)


def _engines(text: str) -> Dict[str, Engine]:
    found = {}
    for name, load, clock, clock_alone, plain in _ENGINE.findall(text):
        numbers = re.findall(r"\d{1,5}", clock or clock_alone or plain)
        mhz = max(map(float, numbers), default=None)
        found[name] = Engine(int(load) / 100 if load else None, mhz or None)
    return found


def _temperatures(text: str) -> Dict[str, float]:
    found = {name: float(degrees) for name, degrees in _TEMPERATURE.findall(text)}
    return {name: c for name, c in found.items() if name != CONSTANT and OFF < c < HOTTEST}


def _rails(text: str) -> Dict[str, float]:
    # A sensor's offset makes a rail that is off a little negative.
    found = {name: max(0, int(milliwatts)) / 1e3 for name, milliwatts in _RAIL.findall(text)}
    return {name: watts for name, watts in found.items() if name != NOT_CONNECTED}
