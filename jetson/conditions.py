"""Under which conditions times are measured: the machine, its power mode, its clocks."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Dict, Mapping, Optional, Tuple

from pcsr_edge.jetson.board import read_board
from pcsr_edge.jetson.probes import clocks, load, nvpmodel
from pcsr_edge.jetson.probes.throttling import throttling
from pcsr_edge.jetson.readings import clocks_mhz, temperatures_c
from pcsr_edge.jetson.tree import ROOT, Tree


@dataclass(frozen=True)
class Conditions:
    """What a report says of the machine; what it does not tell is None, or missing by name."""

    device: Optional[str] = None
    """The board, e.g. `Jetson-AGX`, else the processor's name."""
    system: Optional[str] = None
    """The operating system, e.g. `Ubuntu 20.04.6 LTS`."""
    kernel: Optional[str] = None
    l4t: Optional[str] = None
    """NVIDIA's release for Jetson, e.g. `35.4.1`."""
    jetpack: Optional[str] = None
    """What L4T belongs to, e.g. `5.1.2`."""
    power_mode: Optional[str] = None
    """Name of the power mode, e.g. `MODE_30W_ALL`."""
    power_mode_maximum: Optional[str] = None
    """Name of the mode that limits least, e.g. `MAXN`."""
    power_mode_maximum_number: Optional[int] = None
    """What `nvpmodel -m` takes for it."""
    clocks_pinned: Optional[bool] = None
    """Whether clocks stay at the maximum whatever the load."""
    governor: Optional[str] = None
    """What sets the clock of the processor, e.g. `schedutil`."""
    clocks_mhz: Mapping[str, float] = field(default_factory=dict)
    """`cpu`, `gpu`, `emc`."""
    clocks_maximum_mhz: Mapping[str, float] = field(default_factory=dict)
    """What they may rise to."""
    temperatures_c: Mapping[str, float] = field(default_factory=dict)
    throttled: Optional[Tuple[str, ...]] = None
    """What slows the machine down now; () nothing, None not known."""
    throttled_before: Optional[Tuple[str, ...]] = None
    """What has slowed it down since it was started."""
    load_average: Optional[float] = None
    """Processes that wanted to run, mean of the last minute."""
    cpus: Optional[int] = None
    """Cores that are on."""

    def as_dict(self) -> Dict[str, Any]:
        """Return the fields as `--json` prints them."""
        return asdict(self)


def conditions(root: Path = ROOT) -> Conditions:
    """Ask the machine below `root`; takes no longer than a few readings of files and tools."""
    tree = Tree(root)
    board = read_board(tree)
    slowed = throttling(tree, board)
    mode, maximum = nvpmodel.power_mode(tree), nvpmodel.maximum(nvpmodel.power_modes(tree))
    return Conditions(
        device=board.name,
        system=board.system,
        kernel=board.kernel,
        l4t=board.l4t,
        jetpack=board.jetpack,
        power_mode=None if mode is None else mode.name,
        power_mode_maximum=None if maximum is None else maximum.name,
        power_mode_maximum_number=None if maximum is None else maximum.number,
        clocks_pinned=clocks.pinned(tree),
        governor=clocks.governor(tree),
        clocks_mhz=clocks_mhz(tree, board),
        clocks_maximum_mhz=clocks.maximum_mhz(tree),
        temperatures_c=temperatures_c(tree, board),
        throttled=None if slowed is None else slowed.now,
        throttled_before=None if slowed is None else slowed.before,
        load_average=load.load_average(tree),
        cpus=os.cpu_count(),
    )
