"""edge-SR networks: what may be asked of a frame, and the one engine that all frames share."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import Tuple

from pcsr_edge.runtime.buffers import Allocator
from pcsr_edge.runtime.edge_frame import EdgeFrame
from pcsr_edge.runtime.edge_planes import upscale_planes
from pcsr_edge.runtime.engine import Engine
from pcsr_edge.runtime.footprint import edge_tile_bytes
from pcsr_edge.runtime.geometry import Axis
from pcsr_edge.runtime.luma import LumaNetwork
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.method import (
    FrameJob,
    FrameRequest,
    Method,
    check_trained_scale,
    refuse_choices,
)
from pcsr_edge.runtime.yuv import Yuv, YuvFormat


class EdgeMethod(Method):
    """Runs pictures by `EdgeFrame` and planes of video by `upscale_planes`.

    Args:
        manifest: of the bundle; its scale is a whole number.
        engine: see `LumaNetwork`; one thread a call.
        threads: blocks that are worked on at once.
        pool: works on the blocks; as many threads.
    """

    def __init__(self, manifest: Manifest, engine: Engine, threads: int, pool: Executor) -> None:
        self._manifest, self._network = manifest, LumaNetwork(manifest, engine)
        self._threads, self._pool = threads, pool

    def frame(self, request: FrameRequest) -> FrameJob:
        """Prepare a frame.

        Raises:
            UsageError: another scale than the trained one, or a choice among classes.
        """
        refuse_choices(self._manifest, request)
        check_trained_scale(self._manifest, request.axes)
        return EdgeFrame(self._network, self._threads, self._pool, request)

    def planes(self, frame: Yuv, form: YuvFormat, memory: Allocator) -> Yuv:
        """Upscale planes of video; see `upscale_planes`."""
        return upscale_planes(self._network, self._threads, self._pool, frame, form, memory)

    def tile_bytes(self, axes: Tuple[Axis, Axis], side: int) -> int:
        """Return the most bytes that a tile takes; see `footprint`."""
        return edge_tile_bytes(self._manifest, self._threads, axes, side)

    def close(self) -> None:
        """Release the engine."""
        self._network.close()
