"""Cascades: what may be asked of a frame, and the engines that all frames share."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace
from typing import Tuple

from pcsr_edge.runtime.cascade_frame import CascadeFrame
from pcsr_edge.runtime.cascade_strip import CascadeEngines
from pcsr_edge.runtime.footprint import cascade_tile_bytes
from pcsr_edge.runtime.geometry import Axis
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.method import (
    FrameJob,
    FrameRequest,
    Method,
    check_trained_scale,
    work_share,
)
from pcsr_edge.runtime.options import cost_exponent, forced_class


class CascadeMethod(Method):
    """Runs frames by `CascadeFrame`.

    Nothing is refined: the deep part was trained on blocks as they are cut here, and its
    corrections end where the light result is right.

    Args:
        manifest: of the bundle.
        engines: its graphs.
        threads: strips, and batches of blocks, that are worked on at once.
        pool: works on them; as many threads.
    """

    def __init__(
        self, manifest: Manifest, engines: CascadeEngines, threads: int, pool: Executor
    ) -> None:
        self._manifest, self._engines = manifest, engines
        self._threads, self._pool = threads, pool

    def frame(self, request: FrameRequest) -> FrameJob:
        """Prepare a frame.

        Raises:
            UsageError: another scale than the trained one, no number as k, no such class, or
                work is no share.
        """
        manifest = self._manifest
        check_trained_scale(manifest, request.axes)
        work = work_share(manifest, request)
        forced = forced_class(manifest, request.force_class)
        if work in (0.0, 1.0):
            forced = 0 if work else len(manifest.classes) - 1
        checked = replace(
            request,
            k=cost_exponent(manifest, request.k, request.adaptive),
            force_class=forced,
        )
        return CascadeFrame(manifest, self._engines, self._threads, self._pool, checked)

    def tile_bytes(self, axes: Tuple[Axis, Axis], side: int) -> int:
        """Return the most bytes that a tile takes; see `footprint`."""
        return cascade_tile_bytes(self._manifest, self._threads, axes, side)

    def close(self) -> None:
        """Release the engines."""
        self._engines.trunk.close()
        self._engines.deep.close()
