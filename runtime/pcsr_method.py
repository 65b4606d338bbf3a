"""PCSR: what may be asked of a frame, and the engines that all frames share."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import Optional, Tuple

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.footprint import pcsr_tile_bytes
from pcsr_edge.runtime.frame import Frame, FrameSettings
from pcsr_edge.runtime.geometry import Axis
from pcsr_edge.runtime.method import FrameJob, FrameRequest, Method
from pcsr_edge.runtime.network import Network
from pcsr_edge.runtime.options import cost_exponent, forced_class
from pcsr_edge.runtime.queries import QueryIndexer
from pcsr_edge.runtime.tuning import Tuning


class PCSRMethod(Method):
    """Runs frames by `Frame`; `pool`, of `threads` threads, works on the bands of a tile."""

    def __init__(self, network: Network, tuning: Tuning, threads: int, pool: Executor) -> None:
        self._network, self._tuning = network, tuning
        self._threads, self._pool = threads, pool
        self._indexer = QueryIndexer()

    def frame(self, request: FrameRequest) -> FrameJob:
        """Prepare a frame.

        Raises:
            UsageError: k is no finite number, the class does not exist, or work is no share.
        """
        manifest = self._network.manifest
        settings = FrameSettings(
            request.axes,
            cost_exponent(manifest, request.k, request.adaptive),
            request.adaptive,
            forced_class(manifest, request.force_class),
            request.refine,
            request.side,
            self._threads,
            self._tuning,
            work_share(request),
        )
        return Frame(
            self._network, self._indexer, self._pool, settings, request.image, request.progress
        )

    def tile_bytes(self, axes: Tuple[Axis, Axis], side: int) -> int:
        """Return the most bytes that a tile takes; see `footprint`."""
        return pcsr_tile_bytes(self._network.manifest, self._threads, axes, side)

    def close(self) -> None:
        """Release every engine."""
        self._network.close()


def work_share(request: FrameRequest) -> Optional[float]:
    """Return the mean work of a query that is asked for, None where none is.

    Raises:
        UsageError: it is no share, or another choice of classes is asked for as well.
    """
    if request.work is None:
        return None
    if not 0 <= request.work <= 1:
        raise UsageError(
            f"work {request.work} is no share; expected 0 (all light) to 1 (all heavy)"
        )
    if request.k is not None or request.adaptive or request.force_class is not None:
        raise UsageError("work decides the classes; leave k, adaptive and force_class out")
    return float(request.work)
