"""Stage by stage: what two backends make of the same inputs of each graph."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from typing import Dict, List, Mapping, Optional, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.errors import BackendUnavailableError, EngineError
from pcsr_edge.runtime.engine import Array, Arrays, Engine

BETWEEN_GRAPHS = ("projection", "features")
"""Inputs that come from another graph: they are float16 in fp16 graphs, all others never."""


@dataclass(frozen=True)
class StageResult:
    """What all calls of one graph gave in one of its outputs."""

    graph: str
    """Name of the graph, e.g. `backbone`."""
    output: str
    """Name of the output, e.g. `projection_0`."""
    values: int
    """How many were compared."""
    difference: float
    """Greatest |a - b| / max(1, max |b|); not finite where a value is not."""
    snr_db: float
    """10·log10(Σb² / Σ(a - b)²): how far the difference lies below the signal; infinite for
    equal outputs, NaN where a value is not finite."""
    problem: Optional[str] = None
    """Why the graph does not run; then there is no output, and nothing was compared."""

    @property
    def finite(self) -> bool:
        """Whether every value was."""
        return math.isfinite(self.difference)


class _Sums:
    """Sums over the calls of a graph."""

    def __init__(self) -> None:
        self.values, self.largest, self.range = 0, 0.0, 1.0
        self.signal, self.noise = 0.0, 0.0

    def add(self, got: npt.NDArray[np.float64], expected: npt.NDArray[np.float64]) -> None:
        with np.errstate(invalid="ignore"):
            difference = got - expected
        self.values += difference.size
        # Unlike Python's max, NumPy's keeps NaN.
        self.largest = float(np.maximum(self.largest, np.abs(difference).max(initial=0)))
        self.range = float(np.maximum(self.range, np.abs(expected).max(initial=0)))
        self.signal += float(np.sum(expected * expected))
        self.noise += float(np.sum(difference * difference))

    def result(self, graph: str, output: str) -> StageResult:
        return StageResult(graph, output, self.values, self.largest / self.range, self._snr())

    def _snr(self) -> float:
        if not math.isfinite(self.noise):
            return math.nan
        if self.noise == 0:
            return math.inf
        return 10 * math.log10(self.signal / self.noise) if self.signal else -math.inf


class StageMirror:
    """Runs every call of one side on the other side's engines as well, and sums differences.

    So each graph is judged by itself, on what the runtime feeds it: what an earlier stage did
    differently does not count again.

    Args:
        engines: of the side that is judged, by graph, as far as it runs them; closed by whoever
            made them.
        precision: of their graphs.
    """

    def __init__(self, engines: Mapping[str, Engine], precision: str) -> None:
        self._engines = engines
        self._between = np.dtype(np.float16 if precision == "fp16" else np.float32)
        self._sums: Dict[Tuple[str, str], _Sums] = {}
        self.problems: Dict[str, str] = {}
        """Graph that failed → why; it is not tried again, which may take minutes each time."""
        self._lock = threading.Lock()

    def __call__(self, graph: str, inputs: Arrays, outputs: Arrays) -> None:
        """Take one call of the reference (a `Tap`).

        Raises:
            BackendUnavailableError: the judged side cannot run anything.
        """
        # Engines may be shared by threads, but sums may not.
        with self._lock:
            if graph not in self._engines or graph in self.problems:
                return
            try:
                found = self._engines[graph].run(self._taken(inputs))
            except BackendUnavailableError:
                raise
            except EngineError as exc:
                self.problems[graph] = str(exc)
                return
            for name, expected in outputs.items():
                sums = self._sums.setdefault((graph, name), _Sums())
                sums.add(_numbers(found[name]), _numbers(expected))

    def _taken(self, inputs: Arrays) -> Dict[str, Array]:
        """Give what graphs hand to each other the type that the judged side takes."""
        return {
            name: array.astype(self._between, copy=False) if name in BETWEEN_GRAPHS else array
            for name, array in inputs.items()
        }

    def results(self) -> Tuple[StageResult, ...]:
        """Return what came together, in the order of the engines."""
        order: List[str] = list(self._engines)
        found = [self._sums[key].result(*key) for key in self._sums]
        for graph, problem in self.problems.items():
            found.append(StageResult(graph, "", 0, math.nan, math.nan, problem))
        return tuple(sorted(found, key=lambda stage: order.index(stage.graph)))


def _numbers(array: Array) -> npt.NDArray[np.float64]:
    return np.asarray(array, dtype=np.float64)
