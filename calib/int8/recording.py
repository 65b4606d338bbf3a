"""What the graphs of a bundle are fed when pictures go through it."""

from __future__ import annotations

import threading
from typing import Dict, List, Sequence

import numpy as np

from pcsr_edge.calib.comparison import settings_for_every_graph
from pcsr_edge.calib.tap import TappedBackend
from pcsr_edge.export.pictures import Pair
from pcsr_edge.runtime.backends.onnxruntime import OnnxRuntimeBackend
from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.engine import Array, Arrays
from pcsr_edge.runtime.upscaler import Upscaler

Calls = Dict[str, List[Dict[str, Array]]]
"""Graph → the inputs of its calls."""
ENOUGH = 2**16
"""Numbers: of one picture, no more calls of a graph are kept when their inputs hold so many."""


class _Recorder:
    """Keeps inputs (a `Tap`), of each graph enough."""

    def __init__(self) -> None:
        self.calls: Calls = {}
        self._kept: Dict[str, int] = {}
        self._lock = threading.Lock()

    def next_picture(self) -> None:
        """Begin with another picture, which shall have its share."""
        self._kept.clear()

    def __call__(self, graph: str, inputs: Arrays, outputs: Arrays) -> None:
        with self._lock:
            kept = self._kept.get(graph, 0)
            if kept < ENOUGH:
                self._kept[graph] = kept + sum(array.size for array in inputs.values())
                copies = {name: np.array(array) for name, array in inputs.items()}
                self.calls.setdefault(graph, []).append(copies)


def recorded_calls(bundle: Bundle, pairs: Sequence[Pair]) -> Calls:
    """Return what the fp32 graphs of `bundle` are fed when the LR pictures go through them.

    They do so in every class, and to sizes that reach every graph.
    """
    recorder = _Recorder()
    backend = TappedBackend(OnnxRuntimeBackend(), bundle, "fp32", recorder)
    # One thread: the calls come in the same order every time.
    with Upscaler(bundle, backend, threads=1) as upscaler:
        backend.listening = True
        for pair in pairs:
            recorder.next_picture()
            for options in settings_for_every_graph(bundle.manifest, pair):
                upscaler.run(pair.lr, **options)
    return recorder.calls
