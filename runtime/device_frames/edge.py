"""edge-SR on a device: luma through the network, chroma by bicubic interpolation."""

from __future__ import annotations

from typing import List

import numpy as np

from pcsr_edge.runtime.colour import rgb_to_ycbcr
from pcsr_edge.runtime.device_frames.frame import DeviceFrame
from pcsr_edge.runtime.edge_frame import CHROMA_REACH, MATRIX, SWING, is_gray, write_gray
from pcsr_edge.runtime.edge_pixels import PixelJoin
from pcsr_edge.runtime.geometry import Span
from pcsr_edge.runtime.luma import Block, cut
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.method import FrameRequest, check_trained_scale, refuse_choices
from pcsr_edge.runtime.tiling import Tile, plan_tiles


class EdgeDeviceFrame(DeviceFrame):
    """Runs one image; the size of its result is the trained scale times its own."""

    @staticmethod
    def checked(manifest: Manifest, request: FrameRequest) -> FrameRequest:
        """Refuse other scales, and choices among classes."""
        refuse_choices(manifest, request)
        check_trained_scale(manifest, request.axes)
        return request

    def _plan(self) -> List[Tile]:
        return plan_tiles(self._request.axes, self._request.side, self._manifest.receptive_field)

    def _prepare(self) -> None:
        assert isinstance(self._manifest.scale, int)
        self._scale, self._radius = self._manifest.scale, self._manifest.receptive_field
        self._margin = max(self._radius, CHROMA_REACH)
        self._join = PixelJoin(MATRIX, SWING, self._scale, self._margin)
        self._gray = is_gray(self._request.image)

    def _queue(self, index: int) -> None:
        tile = self.tiles[index]
        rows, cols = (
            Span(span.start // self._scale, span.stop // self._scale)
            for span in (tile.rows, tile.cols)
        )
        window = cut(self._request.image, Block(rows, cols), self._margin)
        buffer = self._workspace.buffer("window", window.shape, window.dtype)
        planes = rgb_to_ycbcr(self._device.upload(window, buffer), MATRIX, SWING)
        rest = self._margin - self._radius
        height, width = planes.y.shape
        inner = planes.y[rest : height - rest, rest : width - rest]
        luma = self._workspace.buffer("luma", (1, 1, *inner.shape), np.float32)
        luma[0, 0] = inner
        y = self._workspace.run("network", {"y": luma})["sr"][0, 0]
        out = self._xp.empty((len(tile.rows), len(tile.cols), 3), self.out.dtype)
        if self._gray:
            write_gray(y, out)
        else:
            self._join(y, planes.cb, planes.cr, out)
        self._deliver(out, tile.rows, tile.cols)
