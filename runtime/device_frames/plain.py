"""Plain networks on a device: one graph from LR pixels to SR pixels."""

from __future__ import annotations

from typing import List

from pcsr_edge.runtime.device_frames.frame import DeviceFrame
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.method import FrameRequest, check_trained_scale, refuse_choices
from pcsr_edge.runtime.pixels import from_unit
from pcsr_edge.runtime.tiling import Tile, plan_tiles


class PlainDeviceFrame(DeviceFrame):
    """Runs one image; the size of its result is the trained scale times its own."""

    @staticmethod
    def checked(manifest: Manifest, request: FrameRequest) -> FrameRequest:
        """Refuse other scales, and choices among classes."""
        refuse_choices(manifest, request)
        check_trained_scale(manifest, request)
        return request

    def _plan(self) -> List[Tile]:
        request = self._request
        return plan_tiles(request.axes, request.side, self._manifest.receptive_field)

    def _queue(self, index: int) -> None:
        tile = self.tiles[index]
        planes = self._planes(self._pixels(tile.window_rows, tile.window_cols))
        sr = self._workspace.run("network", {"image": planes})["sr"][0]
        scale = sr.shape[1] // planes.shape[2]
        rows = tile.rows.slice(tile.window_rows.start * scale)
        cols = tile.cols.slice(tile.window_cols.start * scale)
        core = sr[:, rows, cols]
        rounded = self._xp.empty(core.shape, self.out.dtype)
        from_unit(core, rounded)
        self._deliver(rounded.transpose(1, 2, 0), tile.rows, tile.cols)
