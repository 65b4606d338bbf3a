"""The queries of a band of SR rows, as the index arrays that the upsampler graphs take."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import NamedTuple, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.geometry import Axis, IntArray, Span

CACHE_BYTES = 8 * 2**20
"""Of the queries that an indexer keeps."""

Int32Array = npt.NDArray[np.int32]


class Queries(NamedTuple):
    """Queries of a band in raster order."""

    cell: Int32Array
    """(n,): row of the band's projection that belongs to the query."""
    phase: Int32Array
    """(n,): row of `geometry`."""
    geometry: npt.NDArray[np.float32]
    """(P, 4): rel_y, rel_x, cell_y, cell_x of each phase that occurs."""

    def take(self, chosen: npt.NDArray[np.int64]) -> Queries:
        """Return some of the queries, by their places (n,) in these."""
        cell, phase = self.cell.take(chosen), self.phase.take(chosen)
        if len(self.geometry) <= len(phase):
            return Queries(cell, phase, self.geometry)
        # At free sizes nearly every query has a phase of its own: a graph would work on those of
        # the whole band, and not only of these.
        return Queries(cell, np.arange(len(phase), dtype=np.int32), self.geometry[phase])


def geometry_table(
    axes: Tuple[Axis, Axis], offsets_y: IntArray, offsets_x: IntArray
) -> npt.NDArray[np.float32]:
    """Return rel_y, rel_x, cell_y, cell_x of each pair of offsets (of `Axis.offsets`): (P, 4)."""
    geometry = np.empty((len(offsets_y), len(offsets_x), 4), dtype=np.float32)
    geometry[..., 0] = axes[0].rel(offsets_y)[:, None]
    geometry[..., 1] = axes[1].rel(offsets_x)
    geometry[..., 2:] = [axes[0].cell_size, axes[1].cell_size]
    return geometry.reshape(-1, 4)


class QueryIndexer:
    """Makes `Queries`, and keeps recent ones: bands of one shape mostly share them.

    Several threads may use it at once.

    Args:
        keep: bytes of queries that are kept at most.
    """

    def __init__(self, keep: int = CACHE_BYTES) -> None:
        self._keep, self._kept = keep, 0
        self._known: OrderedDict[Tuple[bytes, ...], Queries] = OrderedDict()
        self._lock = threading.Lock()

    def band(self, axes: Tuple[Axis, Axis], rows: Span, cols: Span, window_cols: Span) -> Queries:
        """Index the queries rows x cols.

        Args:
            axes: vertical and horizontal axis of the frame.
            rows: range of SR rows.
            cols: range of SR columns.
            window_cols: cells along a row of the projection.

        Returns:
            indices into the projection's rows from the cell row of the first query on.
        """
        cell_y = axes[0].cells(rows.start, rows.stop)
        cell_y = cell_y - cell_y[0]
        cell_x = axes[1].cells(cols.start, cols.stop) - window_cols.start
        offset_y = axes[0].offsets(rows.start, rows.stop)
        offset_x = axes[1].offsets(cols.start, cols.stop)
        sizes = repr((axes, len(window_cols)))
        key = (sizes.encode(), *(a.tobytes() for a in (cell_y, cell_x, offset_y, offset_x)))
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        phases_y, row_phase = np.unique(offset_y, return_inverse=True)
        phases_x, col_phase = np.unique(offset_x, return_inverse=True)
        cell = _outer_sum(cell_y * len(window_cols), cell_x)
        phase = _outer_sum(row_phase * len(phases_x), col_phase)
        queries = Queries(cell, phase, geometry_table(axes, phases_y, phases_x))
        self._remember(key, queries)
        return queries

    @property
    def kept(self) -> int:
        """Bytes of the queries that are kept."""
        return self._kept

    def _remember(self, key: Tuple[bytes, ...], queries: Queries) -> None:
        with self._lock:
            if key in self._known:  # another thread was faster
                return
            self._known[key] = queries
            self._kept += _size(queries)
            while self._kept > self._keep:
                self._kept -= _size(self._known.popitem(last=False)[1])


def _outer_sum(rows: npt.NDArray[np.int64], cols: npt.NDArray[np.int64]) -> Int32Array:
    """Return every sum of the two, row by row: int32 (len(rows) * len(cols),)."""
    return np.add.outer(rows.astype(np.int32), cols.astype(np.int32)).ravel()


def _size(queries: Queries) -> int:
    return sum(array.nbytes for array in queries)
