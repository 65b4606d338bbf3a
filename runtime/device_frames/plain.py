"""Plain networks on a device: one graph from LR pixels to SR pixels by phase."""

from __future__ import annotations

from typing import List

from pcsr_edge.runtime.device_frames.frame import DeviceFrame
from pcsr_edge.runtime.device_frames.windows import same_windows
from pcsr_edge.runtime.geometry import Span
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.method import FrameRequest, check_trained_scale, refuse_choices
from pcsr_edge.runtime.tiling import Tile, plan_tiles


class PlainDeviceFrame(DeviceFrame):
    """Runs one image; the size of its result is the trained scale times its own."""

    @staticmethod
    def checked(manifest: Manifest, request: FrameRequest) -> FrameRequest:
        """Refuse other scales, and choices among classes."""
        refuse_choices(manifest, request)
        check_trained_scale(manifest, request.axes)
        return request

    def _plan(self) -> List[Tile]:
        request = self._request
        tiles = plan_tiles(request.axes, request.side, self._manifest.receptive_field)
        return same_windows(tiles, (request.axes[0].n_lr, request.axes[1].n_lr))

    def _queue(self, index: int) -> None:
        tile = self.tiles[index]
        planes = self._planes(self._pixels(tile.window_rows, tile.window_cols))
        phases = self._workspace.run("network", {"image": planes})["phases"][0]
        scale = self._manifest.scale
        assert isinstance(scale, int)
        rows, cols = (
            Span(span.start // scale, span.stop // scale).slice(window.start)
            for span, window in (
                (tile.rows, tile.window_rows),
                (tile.cols, tile.window_cols),
            )
        )
        self._deliver_phases(phases[:, rows, cols], tile)
