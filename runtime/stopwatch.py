"""Times of the stages of a frame and batches of its engines, over all tiles and threads."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import Callable, Dict, Iterator


class Stopwatch:
    """Adds up seconds per stage; several threads may use it at once.

    Stages that run in several threads at once add up all of their time, so that the stages
    of a frame can be more than its wall time.
    """

    clock: Callable[[], float] = staticmethod(time.perf_counter)
    """Seconds; the benchmark takes the processor time of a thread in its place."""

    def __init__(self) -> None:
        self._seconds: Dict[str, float] = {}
        self._batches: Dict[str, int] = {}
        self._lock = threading.Lock()

    @contextmanager
    def stage(self, name: str, batch: int = 0) -> Iterator[None]:
        """Time the body and add it to stage `name`.

        Args:
            name: of the stage.
            batch: where an engine is called, what it computes: queries, or LR pixels.
        """
        begin = self.clock()
        try:
            yield
        finally:
            seconds = self.clock() - begin
            with self._lock:
                self._seconds[name] = self._seconds.get(name, 0.0) + seconds
                if batch:
                    self._batches[name] = self._batches.get(name, 0) + batch

    def milliseconds(self) -> Dict[str, float]:
        """Return stage → milliseconds so far."""
        with self._lock:
            return {name: seconds * 1e3 for name, seconds in self._seconds.items()}

    def batches(self) -> Dict[str, int]:
        """Return stage → what its engine computed so far, of those that call one."""
        with self._lock:
            return dict(self._batches)
