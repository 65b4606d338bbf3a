"""Cascades on a device: the trunk on a whole tile, the deep part on batches of its blocks."""

from __future__ import annotations

from dataclasses import replace
from typing import List, Optional

import numpy as np

from pcsr_edge.runtime.assignment import (
    Choice,
    ClassMap,
    DifficultyHistogram,
    difficulty,
)
from pcsr_edge.runtime.block_grid import BlockArea, cut_into_areas
from pcsr_edge.runtime.cascade_frame import cascade_tile
from pcsr_edge.runtime.decision import Decision
from pcsr_edge.runtime.device_frames.blocks import AreaBlocks
from pcsr_edge.runtime.device_frames.frame import DeviceFrame
from pcsr_edge.runtime.device_frames.windows import same_windows
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.method import FrameRequest, check_trained_scale, work_share
from pcsr_edge.runtime.options import cost_exponent, forced_class
from pcsr_edge.runtime.tiling import Tile


class CascadeDeviceFrame(DeviceFrame):
    """Runs one image; the size of its result is the trained scale times its own.

    The host waits in every tile for the gains of the blocks, which decide what is queued, and in
    the end for the result.
    """

    @staticmethod
    def checked(manifest: Manifest, request: FrameRequest) -> FrameRequest:
        """Fill in k, and refuse other scales and classes that do not exist."""
        check_trained_scale(manifest, request.axes)
        work = work_share(manifest, request)
        forced = forced_class(manifest, request.force_class)
        if work in (0.0, 1.0):
            forced = 0 if work else len(manifest.classes) - 1
        return replace(
            request,
            k=cost_exponent(manifest, request.k, request.adaptive),
            force_class=forced,
        )

    def _plan(self) -> List[Tile]:
        size = self._request.image.shape[0], self._request.image.shape[1]
        self._areas = cut_into_areas(size, self._manifest.block, self._request.side)
        tiles = [cascade_tile(self._manifest, area, size) for area in self._areas]
        return same_windows(tiles, size)

    def _prepare(self) -> None:
        request = self._request
        decision = Decision(
            self._manifest, request.axes, request.k or 0.0, request.adaptive, None, request.work
        )
        self._choice: Optional[Choice] = None
        if request.force_class is None:
            histogram = self._scan() if decision.scans else None
            # All of its entries are blocks, and none is left out.
            blocks = 0 if histogram is None else int(histogram.counts.sum())
            self._choice = decision.choice(histogram, blocks)

    def _scan(self) -> DifficultyHistogram:
        """Count difficulties over the whole image."""
        histogram = DifficultyHistogram()
        for index in range(len(self.tiles)):
            histogram.add(difficulty(self._blocks(index).logits()))
        return histogram

    def _blocks(self, index: int) -> AreaBlocks:
        """Run the trunk on a tile."""
        tile = self.tiles[index]
        planes = self._planes(self._pixels(tile.window_rows, tile.window_cols))
        out = self._workspace.run("trunk", {"image": planes})
        size = self._request.image.shape[0], self._request.image.shape[1]
        return AreaBlocks(self._manifest, self._workspace, self._areas[index], tile, size, out)

    def _queue(self, index: int) -> None:
        blocks, area = self._blocks(index), self._areas[index]
        shape = len(area.rows), len(area.cols)
        classes: ClassMap = np.full(shape, self._request.force_class or 0, dtype=np.uint8)
        if self._choice is not None:
            scores = self._choice.scores(blocks.logits())
            classes = self._choice.classes(scores).reshape(shape)
        blocks.correct(np.argwhere(classes == 0))
        self._finish(self.tiles[index], area, blocks, classes)

    def _finish(self, tile: Tile, area: BlockArea, blocks: AreaBlocks, classes: ClassMap) -> None:
        """Deliver a tile: its pixels, and the class of each."""
        self._deliver_phases(blocks.phases, tile)
        scale = self._manifest.scale
        assert isinstance(scale, int)
        heights, widths = (
            [len(line.cells) * scale for line in lines] for lines in (area.rows, area.cols)
        )
        whole = classes.repeat(heights, axis=0).repeat(widths, axis=1)
        self.class_map[tile.rows.slice(), tile.cols.slice()] = whole
