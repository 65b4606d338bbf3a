"""The blocks of a cascade's tile on a device: gains, windows for the deep part, corrections."""

from __future__ import annotations

from typing import Any, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.block_grid import BlockArea, BlockLine
from pcsr_edge.runtime.buckets import BLOCK_BUCKETS, batches
from pcsr_edge.runtime.cascade_strip import block_logits
from pcsr_edge.runtime.device import DeviceArray
from pcsr_edge.runtime.device_frames.workspace import Workspace
from pcsr_edge.runtime.engine import Arrays
from pcsr_edge.runtime.geometry import FloatArray
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.tiling import Tile

Indices = npt.NDArray[np.int64]


class AreaBlocks:
    """The blocks of one area, after the trunk has run.

    Args:
        manifest: of the bundle.
        workspace: engines and buffers.
        area: the blocks.
        tile: the same as a tile: its window is what the trunk saw.
        size: (h, w) of the frame in cells.
        out: of the trunk.
    """

    def __init__(
        self,
        manifest: Manifest,
        workspace: Workspace,
        area: BlockArea,
        tile: Tile,
        size: Tuple[int, int],
        out: Arrays,
    ) -> None:
        self._side, self._margin = manifest.block, manifest.margin
        self._workspace, self._xp, self._area = workspace, workspace.device.xp, area
        origin = tile.window_rows.start, tile.window_cols.start
        seen = area.seen(manifest.block, manifest.margin, size)
        rows, cols = (span.slice(start) for span, start in zip(area.cells(), origin))
        self._gain = out["gain"][0, 0, rows, cols]
        self._height, self._width = self._gain.shape
        # One row and column more: what a block must not add goes there.
        self._canvas = workspace.buffer(
            "phases", (out["phases"].shape[1], self._height + 1, self._width + 1), np.float32
        )
        self._canvas[:, -1] = 0
        self._canvas[:, :, -1] = 0
        self._canvas[:, : self._height, : self._width] = out["phases"][0, :, rows, cols]
        self._features = self._padded(out["features"][0], seen, origin)

    @property
    def phases(self) -> DeviceArray:
        """The result by phase, (3·scale², h, w), for the caller to overwrite."""
        return self._canvas[:, : self._height, : self._width]

    def _padded(self, features: DeviceArray, seen: Any, origin: Tuple[int, int]) -> DeviceArray:
        """Return the features that the blocks' windows see; beyond the picture all is 0."""
        lines = self._area.rows, self._area.cols
        first = [line[0].origin - self._margin for line in lines]
        sizes = (
            line[-1].origin + self._side + self._margin - start for line, start in zip(lines, first)
        )
        shape = (len(features), *sizes)
        padded = self._workspace.buffer("features", shape, features.dtype)
        padded[...] = 0
        target = (span.slice(start) for span, start in zip(seen, first))
        source = (span.slice(start) for span, start in zip(seen, origin))
        padded[(slice(None), *target)] = features[(slice(None), *source)]
        return padded

    def logits(self) -> FloatArray:
        """Return the classifier's logits of all blocks, row by row, in host memory: (n, 2)."""
        counts = len(self._area.rows), len(self._area.cols)
        side = self._side
        whole = self._xp.zeros((counts[0] * side, counts[1] * side), np.float64)
        whole[: self._height, : self._width] = self._gain
        sums = whole.reshape(counts[0], side, counts[1], side).sum(axis=(1, 3))
        return block_logits(self._area, self._workspace.device.fetch(sums)())

    def correct(self, places: Indices) -> None:
        """Run the deep part on the blocks at `places` (n, 2), and add its corrections."""
        for batch in batches(len(places), BLOCK_BUCKETS):
            some = places[batch.start : batch.stop]
            windows = self._windows(some, batch.size)
            out = self._workspace.run("deep", {"features": windows})["correction"]
            self._add(some, out[: len(some)])

    def _windows(self, places: Indices, size: int) -> DeviceArray:
        """Cut blocks with their margins out of the features, padded to `size` blocks."""
        length = self._side + 2 * self._margin
        index = []
        for line, axis in zip((self._area.rows, self._area.cols), (0, 1)):
            origins = np.array([each.origin - line[0].origin for each in line])
            index.append(self._xp.asarray(origins[places[:, axis], None] + np.arange(length)))
        found = self._features[:, index[0][:, :, None], index[1][:, None, :]]
        shape = (size, len(self._features), length, length)
        windows = self._workspace.buffer(f"windows_{size}", shape, self._features.dtype)
        windows[: len(places)] = found.transpose(1, 0, 2, 3)
        windows[len(places) :] = 0
        return windows

    def _add(self, places: Indices, corrections: DeviceArray) -> None:
        rows = self._targets(self._area.rows, places[:, 0], self._height)
        cols = self._targets(self._area.cols, places[:, 1], self._width)
        index = slice(None), rows[:, :, None], cols[:, None, :]
        self._canvas[index] += corrections.transpose(1, 0, 2, 3)

    def _targets(self, lines: Sequence[BlockLine], chosen: Indices, beyond: int) -> DeviceArray:
        """Return where the cells of some blocks go along an axis; `beyond` where nowhere."""
        targets = np.full((len(lines), self._side), beyond)
        for target, line in zip(targets, lines):
            first = line.cells.start - line.origin
            start = line.cells.start - lines[0].cells.start
            target[first : first + len(line.cells)] = np.arange(start, start + len(line.cells))
        return self._xp.asarray(targets[chosen])
