"""All sensors of a machine, read together."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Optional

from pcsr_edge.jetson.board import read_board
from pcsr_edge.jetson.probes import clocks, load, thermal
from pcsr_edge.jetson.probes.throttling import throttling
from pcsr_edge.jetson.sample import Sample
from pcsr_edge.jetson.tree import ROOT, Tree


class Sensors:
    """Reads one `Sample` at a time; shares are those since the reading before.

    Args:
        root: the folder that stands for `/`.
    """

    def __init__(self, root: Path = ROOT) -> None:
        self._tree = Tree(root)
        self._board = read_board(self._tree)
        # Of the first reading shares are not known: too little time has passed.
        self._times: Optional[load.CpuTimes] = None
        self._moment: Optional[float] = None
        self._own = 0.0

    def read(self) -> Sample:
        """Return what the sensors say now."""
        tree = self._tree
        slowed = throttling(tree, self._board)
        moment = time.monotonic()
        return Sample(
            moment,
            temperatures_c=thermal.temperatures_c(tree),
            clocks_mhz=clocks.current_mhz(tree),
            cpu_load=self._cpu_load(),
            own_load=self._own_load(moment),
            throttled=None if slowed is None else slowed.now,
            throttled_before=None if slowed is None else slowed.before,
        )

    def _cpu_load(self) -> Optional[float]:
        before, self._times = self._times, load.cpu_times(self._tree)
        return load.share_between(before, self._times)

    def _own_load(self, moment: float) -> Optional[float]:
        before, own_before = self._moment, self._own
        self._moment, self._own = moment, time.process_time()
        if before is None or moment <= before:
            return None
        return min(1.0, (self._own - own_before) / (moment - before) / (os.cpu_count() or 1))
