"""Supernets (ARM, WBSR): what may be asked of a frame, and the engines that all frames share."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace
from typing import Optional, Sequence, Tuple

from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.engine import Engine
from pcsr_edge.runtime.footprint import patch_tile_bytes
from pcsr_edge.runtime.geometry import Axis
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.method import (
    FrameJob,
    FrameRequest,
    Method,
    check_trained_scale,
    work_share,
)
from pcsr_edge.runtime.options import forced_class, patch_eta
from pcsr_edge.runtime.patch_frame import PatchFrame
from pcsr_edge.runtime.patch_table import PatchTable, load_table


def checked_request(manifest: Manifest, request: FrameRequest) -> FrameRequest:
    """Fill in eta, and refuse what supernets cannot do.

    Raises:
        UsageError: another scale than the trained one, k or ADM, no number from 0 as eta, no
            such class or share of work.
    """
    check_trained_scale(manifest, request.axes)
    return replace(
        request,
        work=work_share(manifest, request),
        eta=patch_eta(manifest, request.eta, request.k, request.adaptive),
        force_class=forced_class(manifest, request.force_class),
    )


class PatchMethod(Method):
    """Runs frames by `PatchFrame`.

    Args:
        bundle: of the supernet; its table is read when a frame first needs it.
        engines: the subnets, widest first.
        threads: batches, and strips, that are worked on at once.
        pool: works on them; as many threads.
    """

    def __init__(
        self, bundle: Bundle, engines: Sequence[Engine], threads: int, pool: Executor
    ) -> None:
        self._bundle, self._engines = bundle, engines
        self._threads, self._pool = threads, pool
        self._table: Optional[PatchTable] = None

    def frame(self, request: FrameRequest) -> FrameJob:
        """Prepare a frame.

        Raises:
            UsageError: see `checked_request`.
            BundleError: the bundle has no table, or not its own.
        """
        manifest = self._bundle.manifest
        checked = checked_request(manifest, request)
        if self._table is None and checked.force_class is None:
            self._table = load_table(self._bundle)
        return PatchFrame(manifest, self._engines, self._table, self._threads, self._pool, checked)

    def tile_bytes(self, axes: Tuple[Axis, Axis], side: int) -> int:
        """Return the most bytes that a tile takes; see `footprint`."""
        return patch_tile_bytes(self._bundle.manifest, self._threads, axes, side)

    def close(self) -> None:
        """Release the engines."""
        for engine in self._engines:
            engine.close()
