"""The power mode of a Jetson: which one is set, and which limits least.

Source: `nvpmodel -q`, and the table of modes in /etc/nvpmodel.conf.
"""

from __future__ import annotations

import re
from typing import List, NamedTuple, Optional

from pcsr_edge.jetson.tree import Tree

CONFIGURATION = "etc/nvpmodel.conf"
STATUS = "var/lib/nvpmodel/status"
"""Holds `pmode:0002`; read where the tool is missing, as in a container."""
_MODE = re.compile(r"^[ \t]*< *POWER_MODEL ID=(\d{1,3}) NAME=([^\s>]{1,64})", re.MULTILINE)


class PowerMode(NamedTuple):
    """A power mode."""

    number: int
    """What `nvpmodel -m` takes."""
    name: str


def power_modes(tree: Tree) -> List[PowerMode]:
    """Return the modes of this board."""
    return parse_configuration(tree.text(CONFIGURATION) or "")


def power_mode(tree: Tree) -> Optional[PowerMode]:
    """Return the mode that is set."""
    answer = parse_query(tree.output("nvpmodel", "-q") or "")
    if answer is not None:
        return answer
    match = re.fullmatch(r"pmode:(\d{1,4})", tree.text(STATUS) or "")
    number = None if match is None else int(match[1])
    return next((mode for mode in power_modes(tree) if mode.number == number), None)


def parse_query(text: str) -> Optional[PowerMode]:
    """Read `NV Power Mode: MODE_15W` and the number on the next line."""
    match = re.search(r"^NV Power Mode: *(\S{1,64})\s*\n\s*(\d{1,3})\s*$", text, re.MULTILINE)
    return None if match is None else PowerMode(int(match[2]), match[1])


def parse_configuration(text: str) -> List[PowerMode]:
    """Read lines such as `< POWER_MODEL ID=0 NAME=MAXN >`."""
    return [PowerMode(int(number), name) for number, name in _MODE.findall(text)]


def maximum(modes: List[PowerMode]) -> Optional[PowerMode]:
    """Return the mode that limits least: MAXN, where there is none the most watts and cores."""
    return max(modes, key=_freedom, default=None)


def _freedom(mode: PowerMode) -> List[int]:
    watts = re.search(r"(\d{1,4})W", mode.name)
    cores = re.search(r"(\d{1,3})CORE", mode.name)
    return [
        mode.name.startswith("MAXN"),
        "SUPER" in mode.name,
        int(watts[1]) if watts else 0,
        # `MODE_30W_ALL` names no number.
        int(cores[1]) if cores else 999,
        -mode.number,
    ]
