"""All sensors of a machine, read together."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Dict, Optional, Tuple

from pcsr_edge.jetson.board import RASPBERRY_PI, read_board
from pcsr_edge.jetson.probes import load, rapl, tegra_load
from pcsr_edge.jetson.probes.ina3221 import ina3221_power
from pcsr_edge.jetson.probes.rails import module_power
from pcsr_edge.jetson.probes.raspberry_pi import pi_power
from pcsr_edge.jetson.probes.tegrastats import EMC, GPU, TegraLine
from pcsr_edge.jetson.probes.throttling import event_counts, throttling
from pcsr_edge.jetson.readings import clocks_mhz, temperatures_c
from pcsr_edge.jetson.sample import Power, Sample
from pcsr_edge.jetson.tegrastats_stream import TegrastatsStream
from pcsr_edge.jetson.tree import ROOT, Tree


class Sensors:
    """Reads one `Sample` at a time; shares and RAPL's power are those since the reading before.

    Args:
        interval_s: seconds between two readings, for tools that run by themselves.
        root: the folder that stands for `/`.
    """

    def __init__(self, interval_s: float, root: Path = ROOT) -> None:
        self._tree = Tree(root)
        self._board = read_board(self._tree)
        self._stream = TegrastatsStream(self._tree, interval_s)
        # Of the first reading shares are not known: too little time has passed.
        self._times: Optional[load.CpuTimes] = None
        self._moment: Optional[float] = None
        self._own = 0.0
        self._energy: rapl.Counters = {}
        self._events: Dict[str, int] = {}
        self._has_pmic: Optional[bool] = None

    def close(self) -> None:
        """End what runs in the background."""
        self._stream.close()

    def read(self) -> Sample:
        """Return what the sensors say now; what sysfs hides, tegrastats may tell."""
        tree, line = self._tree, self._stream.latest or TegraLine()
        moment = time.monotonic()
        passed = 0.0 if self._moment is None else moment - self._moment
        self._moment = moment
        slowed, risen = throttling(tree, self._board), self._risen()
        gpu, emc = tegra_load.gpu_load(tree), tegra_load.emc_load(tree)
        return Sample(
            moment,
            temperatures_c=temperatures_c(tree, self._board) or line.temperatures_c,
            clocks_mhz={**line.clocks_mhz(), **clocks_mhz(tree, self._board)},
            cpu_load=self._cpu_load(),
            own_load=self._own_load(passed),
            gpu_load=line.engine(GPU).load if gpu is None else gpu,
            emc_load=line.engine(EMC).load if emc is None else emc,
            power=self._power(line, passed),
            throttled=None if slowed is None else (*slowed.now, *risen),
            throttled_before=None if slowed is None else slowed.before,
        )

    def _power(self, line: TegraLine, passed: float) -> Optional[Power]:
        if self._board.kind == RASPBERRY_PI:
            return self._pi_power()
        before, self._energy = self._energy, rapl.counters(self._tree)
        if self._energy:
            return rapl.power_between(before, self._energy, passed)
        # Whatever the board: a container may hide which it is, and not its sensor.
        return ina3221_power(self._tree) or module_power(line.rails_w, "tegrastats")

    def _pi_power(self) -> Optional[Power]:
        if self._has_pmic is False:
            return None
        power = pi_power(self._tree)
        # Before the Pi 5 there is no such chip: starting a tool twice a second to hear so costs.
        if self._has_pmic is None:
            self._has_pmic = power is not None
        return power

    def _risen(self) -> Tuple[str, ...]:
        """Return what has slowed the machine down since the reading before, by its counts."""
        before, self._events = self._events, event_counts(self._tree)
        return tuple(name for name, n in self._events.items() if n > before.get(name, n))

    def _cpu_load(self) -> Optional[float]:
        before, self._times = self._times, load.cpu_times(self._tree)
        return load.share_between(before, self._times)

    def _own_load(self, passed: float) -> Optional[float]:
        before, self._own = self._own, time.process_time()
        if passed <= 0:
            return None
        return min(1.0, (self._own - before) / passed / (os.cpu_count() or 1))
