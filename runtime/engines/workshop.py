"""Finds the engine of a graph in the cache, or builds it and says so."""

from __future__ import annotations

import hashlib
import statistics
import time
from datetime import datetime
from typing import Any, Callable, Dict, Optional, Tuple

from pcsr_edge.errors import EngineError
from pcsr_edge.runtime.device import Device
from pcsr_edge.runtime.engines.builder import build_plan
from pcsr_edge.runtime.engines.context import StalePlanError, TensorrtContext
from pcsr_edge.runtime.engines.graph import Graph
from pcsr_edge.runtime.engines.identity import Identity, Place
from pcsr_edge.runtime.engines.proof import Proof
from pcsr_edge.runtime.engines.shapes import Range, Shapes, ranges_for
from pcsr_edge.runtime.engines.shelf import Record, Shelf

Say = Callable[[str], None]
LEAST_WORKSPACE = 64 * 2**20


class Workshop:
    """Makes contexts for the graphs of one GPU.

    Args:
        trt: the module `tensorrt`.
        device: where they run.
        shelf: where engines are kept.
        say: told what takes time, and why.
        exact: build for exactly the sizes that come; an engine of one is used in any case.
    """

    def __init__(
        self, trt: Any, device: Device, shelf: Shelf, say: Say, *, exact: bool = False
    ) -> None:
        self._trt, self._device, self._shelf = trt, device, shelf
        self._say, self._exact = say, exact
        self.place = Place.of(trt, device)
        self.proof = Proof(shelf)
        """What the engines in use were held against."""
        self.built = 0
        """Engines built so far."""

    def context(self, graph: Graph, shapes: Shapes) -> TensorrtContext:
        """Return a context for inputs of these shapes; the device must be active.

        Raises:
            EngineError: the engine cannot be built, kept or loaded.
        """
        found = self._found(graph, shapes)
        if found is not None:
            try:
                return self._load(graph, shapes, *found)
            except StalePlanError as exc:
                self._say(f"the engine of {graph.title} in the cache is stale: {exc}")
        return self._load(graph, shapes, *self._build(graph, shapes))

    def _load(
        self, graph: Graph, shapes: Shapes, identity: Identity, plan: bytes
    ) -> TensorrtContext:
        context = TensorrtContext(self._trt, plan, shapes, self._device, graph.title)
        self.proof.note(identity, hashlib.sha256(plan).hexdigest())
        return context

    def _identity(self, graph: Graph, shapes: Shapes, exact: bool) -> Identity:
        return Identity.of(graph, _ranges(graph, shapes, exact), self.place)

    def _found(self, graph: Graph, shapes: Shapes) -> Optional[Tuple[Identity, bytes]]:
        """Return an engine for exactly these shapes, else one for a range of them."""
        for exact in (True,) if self._exact else (True, False):
            identity = self._identity(graph, shapes, exact)
            plan = self._shelf.find(identity)
            if plan is not None:
                return identity, plan
        return None

    def _build(self, graph: Graph, shapes: Shapes) -> Tuple[Identity, bytes]:
        self._shelf.check_writable()
        ranges = _ranges(graph, shapes, self._exact)
        identity = Identity.of(graph, ranges, self.place)
        self._explain(identity)
        self._say(
            f"building the TensorRT engine of {graph.title} ({graph.precision}, "
            f"{', '.join(f'{name} {key}' for name, key in identity.shapes.items())}) for "
            f"{self.place.gpu}; {self._estimate()}; cached after this"
        )
        begin = time.perf_counter()
        plan = build_plan(
            self._trt,
            graph,
            ranges,
            workspace=self._workspace(),
            timings=self._shelf.timings(self.place),
        )
        seconds = time.perf_counter() - begin
        record = Record(
            identity,
            graph.name,
            graph.model,
            round(seconds, 3),
            datetime.now().astimezone().isoformat(timespec="seconds"),
            hashlib.sha256(plan.content).hexdigest(),
        )
        self._shelf.keep(record, plan.content)
        self._shelf.keep_timings(self.place, plan.timings)
        self.built += 1
        self._say(f"built in {seconds:.0f} s, {len(plan.content) / 2**20:.1f} MiB")
        return identity, plan.content

    def _explain(self, identity: Identity) -> None:
        for record in self._shelf.relatives(identity)[:1]:
            reasons = "; ".join(identity.differences(record.identity))
            self._say(f"an engine of this graph is there, but for another place: {reasons}")

    def _estimate(self) -> str:
        seconds = self._shelf.seconds(self.place)
        if not seconds:
            return "this can take minutes"
        return f"about {statistics.median(seconds):.0f} s, by {len(seconds)} builds before"

    def _workspace(self) -> int:
        free = self._device.free_bytes()
        if free is None:
            return LEAST_WORKSPACE
        if free < LEAST_WORKSPACE:
            raise EngineError(
                f"{free / 2**20:.0f} MiB of the memory of {self.place.gpu} are free, too little to "
                "build an engine; close what else uses the GPU"
            )
        return free // 2


def _ranges(graph: Graph, shapes: Shapes, exact: bool) -> Dict[str, Range]:
    return ranges_for(shapes, exact=exact, least_side=graph.least_side)
