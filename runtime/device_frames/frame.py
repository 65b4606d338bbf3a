"""What all frames on a device have in common: tiles in, pixels out, all fetched at the end."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, List, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.assignment import ClassMap
from pcsr_edge.runtime.device import DeviceArray, Fetched
from pcsr_edge.runtime.device_frames.workspace import Workspace
from pcsr_edge.runtime.geometry import Span
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.method import FrameJob, FrameRequest
from pcsr_edge.runtime.pixels import LIMITS, from_unit
from pcsr_edge.runtime.stopwatch import Stopwatch
from pcsr_edge.runtime.tiling import Tile


class DeviceFrame(FrameJob):
    """One image; every tile is queued, and no result waited for before all are.

    Stages are `queue`, and `wait` for what was queued: what the device does in which order, the
    host does not see.

    Args:
        manifest: of the bundle.
        workspace: engines and buffers.
        request: checked by `checked`.
    """

    def __init__(self, manifest: Manifest, workspace: Workspace, request: FrameRequest) -> None:
        self._manifest, self._workspace, self._request = manifest, workspace, request
        self._device, self._xp = workspace.device, workspace.device.xp
        self._progress = request.progress or (lambda done, total: None)
        self.watch = Stopwatch()
        size = request.axes[0].n_hr, request.axes[1].n_hr
        self.out: npt.NDArray[Any] = request.memory.empty((*size, 3), request.image.dtype)
        self.class_map: ClassMap = request.memory.zeros(size, np.uint8)
        self._coming: List[Tuple[npt.NDArray[Any], Span, Span, Fetched]] = []
        self.tiles = self._plan()

    @staticmethod
    @abstractmethod
    def checked(manifest: Manifest, request: FrameRequest) -> FrameRequest:
        """Return the request with the bundle's defaults.

        Raises:
            UsageError: the method cannot do what was asked for.
        """

    @abstractmethod
    def _plan(self) -> List[Tile]:
        """Cut the frame into tiles."""

    @abstractmethod
    def _queue(self, index: int) -> None:
        """Queue the work on a tile, and the copies of its pixels and classes."""

    def run(self) -> None:
        """Fill `out` and `class_map`.

        Raises:
            EngineError: an engine failed, or gave NaN or infinity.
        """
        with self._device.active():
            self._workspace.begin()
            with self.watch.stage("queue"):
                self._prepare()
                for index in range(len(self.tiles)):
                    self._queue(index)
                    self._progress(index + 1, len(self.tiles))
                finite = self._workspace.finite()
            with self.watch.stage("wait"):
                self._workspace.check_finite(finite)
                for target, rows, cols, wait in self._coming:
                    target[rows.slice(), cols.slice()] = wait()

    # Few methods look at the whole frame before its first tile.
    def _prepare(self) -> None:
        """Do what comes before the first tile."""

    def _pixels(self, rows: Span, cols: Span) -> DeviceArray:
        """Bring a window of the image to the device: (h, w, 3) in its dtype."""
        window = self._request.image[rows.slice(), cols.slice()]
        into = self._workspace.buffer("window", window.shape, window.dtype)
        return self._device.upload(window, into)

    def _planes(self, window: DeviceArray) -> DeviceArray:
        """Turn pixels (h, w, 3) into what graphs take: float32 (1, 3, h, w) in [0, 1]."""
        height, width = window.shape[:2]
        planes = self._workspace.buffer("planes", (1, 3, height, width), np.float32)
        planes[0] = window.transpose(2, 0, 1)
        planes *= np.float32(1 / LIMITS[self.out.dtype.name])
        return planes

    def _deliver_phases(self, phases: DeviceArray, tile: Tile) -> None:
        """Round a result by phase (3·scale², h, w), which is overwritten, and shuffle it.

        Args:
            phases: of the cells that the tile delivers.
            tile: on whole cells.
        """
        rounded = self._xp.empty(phases.shape, self.out.dtype)
        from_unit(phases, rounded)
        height, width = phases.shape[1:]
        scale = len(tile.rows) // height
        split = rounded.reshape(3, scale, scale, height, width).transpose(3, 1, 4, 2, 0)
        pixels = split.reshape(height * scale, width * scale, 3)
        self._deliver(pixels, tile.rows, tile.cols)

    def _deliver(self, pixels: DeviceArray, rows: Span, cols: Span) -> None:
        """Queue the copy of a tile's pixels, already in the dtype of the result."""
        self._coming.append((self.out, rows, cols, self._device.fetch(pixels)))

    def _deliver_classes(self, classes: DeviceArray, rows: Span, cols: Span) -> None:
        self._coming.append((self.class_map, rows, cols, self._device.fetch(classes)))
