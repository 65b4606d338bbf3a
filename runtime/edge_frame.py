"""One picture through an edge-SR network: its luma by the network, its chroma by bicubic."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import Any

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.assignment import ClassMap
from pcsr_edge.runtime.colour import Matrix, Range, rgb_to_ycbcr
from pcsr_edge.runtime.edge_pixels import PixelJoin
from pcsr_edge.runtime.geometry import Span
from pcsr_edge.runtime.luma import Block, LumaNetwork, Plane, cut
from pcsr_edge.runtime.method import FrameJob, FrameRequest
from pcsr_edge.runtime.pixels import from_unit
from pcsr_edge.runtime.stopwatch import Stopwatch
from pcsr_edge.runtime.tiling import plan_tiles

MATRIX, SWING = Matrix.BT601, Range.STUDIO
"""What the networks were trained on."""
CHROMA_REACH = 2
"""Cells that bicubic interpolation looks beyond a block."""


class EdgeFrame(FrameJob):
    """Runs one image; the size of its result is the trained scale times its own.

    Each block goes all the way from pixels to pixels while it is in the cache: planes of the
    whole picture are never made. A gray picture has no chroma to interpolate, and stays gray.
    """

    def __init__(
        self, network: LumaNetwork, threads: int, pool: Executor, request: FrameRequest
    ) -> None:
        self._network, self._threads, self._pool = network, threads, pool
        self._image = request.image
        self._margin = max(network.radius, CHROMA_REACH)
        self._join = PixelJoin(MATRIX, SWING, network.scale, self._margin)
        self._progress = request.progress or (lambda done, total: None)
        self._gray = is_gray(request.image)
        self.watch = Stopwatch()
        self.tiles = plan_tiles(request.axes, request.side, self._margin)
        size = request.axes[0].n_hr, request.axes[1].n_hr
        self.out: npt.NDArray[Any] = request.memory.empty((*size, 3), request.image.dtype)
        self.class_map: ClassMap = request.memory.zeros(size, np.uint8)

    def run(self) -> None:
        """Fill `out`; `class_map` is 0 everywhere."""
        scale = self._network.scale
        for index, tile in enumerate(self.tiles):
            rows, cols = (
                Span(span.start // scale, span.stop // scale) for span in (tile.rows, tile.cols)
            )
            for _ in self._pool.map(self._block, self._network.blocks(rows, cols, self._threads)):
                pass
            self._progress(index + 1, len(self.tiles))

    def _block(self, block: Block) -> None:
        margin, radius = self._margin, self._network.radius
        with self.watch.stage("preprocess"):
            planes = rgb_to_ycbcr(cut(self._image, block, margin), MATRIX, SWING)
            rest = margin - radius
            window = planes.y[rest : len(planes.y) - rest, rest : planes.y.shape[1] - rest]
        with self.watch.stage("network", window.size):
            y = self._network.run(window)
        target = self.out[block.sr(self._network.scale)]
        if self._gray:
            with self.watch.stage("postprocess"):
                write_gray(y, target)
            return
        with self.watch.stage("postprocess"):
            self._join(y, planes.cb, planes.cr, target)


def is_gray(image: npt.NDArray[Any]) -> bool:
    """Tell whether the channels of RGB (h, w, 3) are equal everywhere."""
    red, green, blue = (image[..., channel] for channel in range(3))
    return bool(np.array_equal(red, green) and np.array_equal(green, blue))


def write_gray(y: Plane, out: npt.NDArray[Any]) -> None:
    """Write luma in studio swing as gray pixels."""
    unit = (y - np.float32(SWING.black / 255)) * np.float32(255 / SWING.luma_span)
    from_unit(unit, out[..., 0])
    out[..., 1:] = out[..., :1]
