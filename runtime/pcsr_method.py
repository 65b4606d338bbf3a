"""PCSR: what may be asked of a frame, and the engines that all frames share."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import Tuple

from pcsr_edge.runtime.footprint import pcsr_tile_bytes
from pcsr_edge.runtime.frame import Frame, FrameSettings
from pcsr_edge.runtime.geometry import Axis
from pcsr_edge.runtime.method import FrameJob, FrameRequest, Method, work_share
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
            work_share(manifest, request),
            request.prices,
            request.memory,
        )
        return Frame(
            self._network, self._indexer, self._pool, settings, request.image, request.progress
        )

    def tile_bytes(self, axes: Tuple[Axis, Axis], side: int) -> int:
        """Return the most bytes that a tile takes; see `footprint`."""
        batches = self._tuning.batch
        return pcsr_tile_bytes(self._network.manifest, self._threads, axes, side, batches)

    def close(self) -> None:
        """Release every engine."""
        self._network.close()
