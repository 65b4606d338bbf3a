"""The queries of a tile on a device, as the upsampler graphs take them."""

from __future__ import annotations

from typing import Any, Dict, Tuple

import numpy as np

from pcsr_edge.runtime.bilinear import neighbours
from pcsr_edge.runtime.buckets import QUERY_BUCKETS, Batch
from pcsr_edge.runtime.device import DeviceArray
from pcsr_edge.runtime.device_frames.workspace import Workspace
from pcsr_edge.runtime.geometry import Axis
from pcsr_edge.runtime.queries import geometry_table
from pcsr_edge.runtime.tiling import Tile

MOST_PHASES = QUERY_BUCKETS[0]
"""More are not given to a graph in one table: at free scales a tile has as many as queries."""


class TileQueries:
    """All queries of a tile's outer rows and columns, in raster order.

    Args:
        workspace: whose device they go to.
        axes: vertical and horizontal axis of the frame.
        tile: of `plan_tiles`.
    """

    def __init__(self, workspace: Workspace, axes: Tuple[Axis, Axis], tile: Tile) -> None:
        self._workspace, self._xp = workspace, workspace.device.xp
        self.tile = tile
        spans, windows = (tile.outer_rows, tile.outer_cols), (tile.window_rows, tile.window_cols)
        self.shape = len(tile.outer_rows), len(tile.outer_cols)
        """SR rows and columns."""
        self.size = self.shape[0] * self.shape[1]
        cells, offsets, phases = [], [], []
        for axis, span, window in zip(axes, spans, windows):
            cells.append(axis.cells(span.start, span.stop) - window.start)
            found, phase = np.unique(axis.offsets(span.start, span.stop), return_inverse=True)
            offsets.append(found)
            phases.append(phase)
        self._cell = self._grid(cells[0] * len(tile.window_cols), cells[1])
        self._phase = self._grid(phases[0] * len(offsets[1]), phases[1])
        self._geometry = self._xp.asarray(geometry_table(axes, offsets[0], offsets[1]))
        down, across = (
            tuple(map(self._xp.asarray, neighbours(axis, span, window.start)))
            for axis, span, window in zip(axes, spans, windows)
        )
        self.bilinear: Tuple[Any, Any] = (down, across)
        """Neighbours along both axes, for `bilinear.mix`."""

    def _grid(self, rows: Any, cols: Any) -> DeviceArray:
        down, across = (self._xp.asarray(values.astype(np.int32)) for values in (rows, cols))
        return (down[:, None] + across).ravel()

    def inputs(self, chosen: Any, batch: Batch) -> Dict[str, DeviceArray]:
        """Return `cell`, `phase` and `geometry` of some queries, padded to the batch's bucket.

        Args:
            chosen: places (n,) of the queries, or a slice.
            batch: of n queries.
        """
        count = batch.stop - batch.start
        cell = self._padded("cell", self._cell[chosen], count, batch.size)
        phases = self._phase[chosen]
        if len(self._geometry) <= MOST_PHASES:
            phase = self._padded("phase", phases, count, batch.size)
            return {"cell": cell, "phase": phase, "geometry": self._geometry}
        geometry = self._padded("geometry", self._geometry[phases], count, batch.size)
        each = self._padded("each", self._xp.arange(count, dtype=np.int32), count, batch.size)
        return {"cell": cell, "phase": each, "geometry": geometry}

    def _padded(self, name: str, values: DeviceArray, count: int, size: int) -> DeviceArray:
        """Return values (count, …) in a buffer of `size` rows; the others are of query 0."""
        shape = (size, *values.shape[1:])
        buffer = self._workspace.buffer(f"{name}_{size}", shape, values.dtype)
        buffer[:count] = values
        # A valid place: what it gives is dropped.
        buffer[count:] = 0
        return buffer
