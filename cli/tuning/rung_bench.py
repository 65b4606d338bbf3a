"""Times rungs on one picture, in turns."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from typing import Dict, List, Sequence

from pcsr_edge.calib.profiling import PeakMemory, StopRule, Summary, WarmUp, record
from pcsr_edge.cli.console import Console
from pcsr_edge.cli.options import device_of
from pcsr_edge.cli.profiling.picture import Pixels
from pcsr_edge.cli.profiling.workload import UpscalerWorkload
from pcsr_edge.runtime.ladder import Rung
from pcsr_edge.runtime.upscaler import Upscaler

STOP = StopRule(iterations=10, duration_s=1.0)
WARM_UP = WarmUp(most_frames=12, most_s=2.0)


class RungBench:
    """Keeps one upscaler for each model, until `stack` closes them."""

    def __init__(self, args: argparse.Namespace, picture: Pixels, stack: ExitStack) -> None:
        self._args, self._picture, self._stack = args, picture, stack
        self._loaded: Dict[str, Upscaler] = {}

    def measure(self, rungs: Sequence[Rung]) -> List[Summary]:
        """Return what frames take, in ms.

        Raises:
            EngineError: a rung cannot run on the device that was asked for.
        """
        memory = PeakMemory()
        workloads = [
            UpscalerWorkload(
                self._upscaler(rung),
                self._picture,
                {"scale": rung.scale, **rung.options()},
                memory,
            )
            for rung in rungs
        ]
        recordings = record(workloads, WARM_UP, STOP)
        return [Summary.of(recording.upscale_ms()) for recording in recordings]

    def cancel(self) -> None:
        """Make a frame under way in another thread fail soon."""
        for upscaler in self._loaded.values():
            upscaler.cancel()

    def _upscaler(self, rung: Rung) -> Upscaler:
        if rung.model not in self._loaded:
            upscaler = Upscaler.load(
                rung.model,
                device=device_of(self._args),
                threads=self._args.threads,
                precision=rung.precision,
                say=Console.of(self._args).say,
            )
            self._loaded[rung.model] = self._stack.enter_context(upscaler)
        return self._loaded[rung.model]
