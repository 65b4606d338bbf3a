"""Plain networks: what may be asked of a frame, and the one engine that all frames share."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import Tuple

from pcsr_edge.runtime.engine import Engine
from pcsr_edge.runtime.footprint import plain_tile_bytes
from pcsr_edge.runtime.geometry import Axis
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.method import (
    FrameJob,
    FrameRequest,
    Method,
    check_trained_scale,
    refuse_choices,
)
from pcsr_edge.runtime.plain_frame import PlainFrame


class PlainMethod(Method):
    """Runs frames by `PlainFrame`.

    Args:
        manifest: of the bundle; its scale is a whole number.
        engine: `image` (1, 3, h, w) → `phases` (1, 3·scale², h, w), one thread a call.
        threads: strips of a tile that are worked on at once.
        pool: works on the strips; as many threads.
    """

    def __init__(self, manifest: Manifest, engine: Engine, threads: int, pool: Executor) -> None:
        self._manifest, self._engine = manifest, engine
        self._threads, self._pool = threads, pool

    def frame(self, request: FrameRequest) -> FrameJob:
        """Prepare a frame.

        Raises:
            UsageError: another scale than the trained one, or a choice among classes.
        """
        refuse_choices(self._manifest, request)
        check_trained_scale(self._manifest, request.axes)
        return PlainFrame(self._manifest, self._engine, self._threads, self._pool, request)

    def tile_bytes(self, axes: Tuple[Axis, Axis], side: int) -> int:
        """Return the most bytes that a tile takes; see `footprint`."""
        return plain_tile_bytes(self._manifest, self._threads, axes, side)

    def close(self) -> None:
        """Release the engine."""
        self._engine.close()
