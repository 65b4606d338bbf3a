"""PCSR: what may be asked of a frame, and the engines that all frames share."""

from __future__ import annotations

import math
from concurrent.futures import Executor
from typing import Optional

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.frame import Frame, FrameSettings
from pcsr_edge.runtime.method import FrameJob, FrameRequest, Method
from pcsr_edge.runtime.network import Network
from pcsr_edge.runtime.queries import QueryIndexer


class PCSRMethod(Method):
    """Runs frames by `Frame`; `pool` works on the bands of a tile."""

    def __init__(self, network: Network, pool: Executor) -> None:
        self._network, self._pool = network, pool
        self._indexer = QueryIndexer()

    def frame(self, request: FrameRequest) -> FrameJob:
        """Prepare a frame.

        Raises:
            UsageError: k is no finite number, or the class does not exist.
        """
        settings = FrameSettings(
            request.axes,
            self._check_k(request.k),
            request.adaptive,
            self._check_class(request.force_class),
            request.refine,
            request.side,
        )
        return Frame(
            self._network, self._indexer, self._pool, settings, request.image, request.progress
        )

    def close(self) -> None:
        """Release every engine."""
        self._network.close()

    def _check_k(self, k: Optional[float]) -> float:
        if k is None:
            return self._network.manifest.default_k
        if isinstance(k, bool) or not math.isfinite(k):
            raise UsageError(f"k = {k} is not valid; expected a finite number, usually 0 to 2")
        return float(k)

    def _check_class(self, force_class: Optional[int]) -> Optional[int]:
        classes = self._network.classes
        if force_class is None or (
            not isinstance(force_class, bool) and force_class in range(classes)
        ):
            return force_class
        raise UsageError(
            f"class {force_class} does not exist; model {self._network.manifest.name} has classes "
            f"0 (heaviest) to {classes - 1}"
        )
