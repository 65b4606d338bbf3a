"""The queries of a band of SR rows, as the index arrays that the upsampler graphs take."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import NamedTuple, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.geometry import Axis, IntArray, Span

Int32Array = npt.NDArray[np.int32]


class Queries(NamedTuple):
    """Queries of a band in raster order."""

    cell: Int32Array
    """(n,): row of the band's projection that belongs to the query."""
    phase: Int32Array
    """(n,): row of `geometry`."""
    geometry: npt.NDArray[np.float32]
    """(P, 4): rel_y, rel_x, cell_y, cell_x of each phase that occurs."""


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
    """

    def __init__(self, keep: int = 64) -> None:
        self._keep = keep
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
        cell = cell_y[:, None] * len(window_cols) + cell_x[None, :]
        phase = row_phase[:, None] * len(phases_x) + col_phase[None, :]
        queries = Queries(
            np.ascontiguousarray(cell.ravel(), dtype=np.int32),
            np.ascontiguousarray(phase.ravel(), dtype=np.int32),
            geometry_table(axes, phases_y, phases_x),
        )
        with self._lock:
            self._known[key] = queries
            while len(self._known) > self._keep:
                self._known.popitem(last=False)
        return queries
