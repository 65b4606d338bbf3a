"""A band: the queries of some SR rows of a tile, and what the network says of each.

Queries lie in an order of the band's own. `QueryBand` takes them as they lie in the picture, at
any scale; `CellBand` takes cell by cell, at the scale of the dense graphs, where every cell has
the same phases: then nothing needs to be gathered for what all queries get.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Dict, NamedTuple, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.bilinear import bilinear_rows
from pcsr_edge.runtime.geometry import Axis, FloatArray, Span
from pcsr_edge.runtime.network import Network
from pcsr_edge.runtime.queries import Queries, QueryIndexer, geometry_table
from pcsr_edge.runtime.stopwatch import Stopwatch
from pcsr_edge.runtime.strip import Strip
from pcsr_edge.runtime.tuning import Tuning

Indices = npt.NDArray[np.intp]
Values = npt.NDArray[Any]


class Setting(NamedTuple):
    """Where a band lies, and what answers for its queries."""

    network: Network
    tuning: Tuning
    watch: Stopwatch
    strip: Strip
    axes: Tuple[Axis, Axis]
    rows: Span
    """SR rows."""
    cols: Span
    """SR columns."""


class Band(ABC):
    """`size` queries, in an order of their own; the cells under them are a rectangle."""

    size: int
    takes_all = False
    """Whether `add_to_all` needs no gathering."""

    def __init__(self, setting: Setting) -> None:
        self._network, self.tuning, self._watch, self._strip = setting[:4]
        self._axes, self._rows, self._cols = setting[4:]
        self._cell_rows = _cells_under(self._axes[0], self._rows)
        self._cell_cols = _cells_under(self._axes[1], self._cols)
        self._projections: Dict[str, Values] = {}

    @abstractmethod
    def logits(self) -> FloatArray:
        """Classify every query: (size, M)."""

    @abstractmethod
    def base(self) -> FloatArray:
        """Return the bilinear base of every query, (size, 3), for the caller to keep."""

    @abstractmethod
    def add_to_all(self, j: int, values: FloatArray) -> None:
        """Run upsampler j on every query and add what it gives to values (size, 3)."""

    @abstractmethod
    def raster(self, values: Values) -> Values:
        """Put values of every query, (size,) or (size, C), in place: (rows, cols[, C])."""

    def residual(self, j: int, chosen: Indices) -> FloatArray:
        """Run upsampler j on chosen queries (n,): (n, 3)."""
        out = np.empty((chosen.size, 3), dtype=np.float32)
        with self._watch.stage("gather"):
            projection = self._projection(str(j))
        size = self.tuning.batch[j]
        for start in range(0, chosen.size, size):
            batch = slice(start, start + size)
            with self._watch.stage("gather"):
                queries = self._take(chosen[batch])
            with self._watch.stage(f"upsampler_{j}", len(queries.cell)):
                out[batch] = self._network.residual(j, projection, *queries)
        return out

    @abstractmethod
    def _take(self, chosen: Indices) -> Queries:
        """Return chosen queries as the upsamplers take them."""

    def _projection(self, head: str) -> Values:
        if head not in self._projections:
            name = f"projection_{head}"
            self._projections[head] = self._strip.projection(name, self._cell_rows, self._cell_cols)
        return self._projections[head]


def _cells_under(axis: Axis, queries: Span) -> Span:
    cells = axis.cells(queries.start, queries.stop)
    return Span(int(cells[0]), int(cells[-1]) + 1)


class QueryBand(Band):
    """The queries rows x cols in raster order, at any scale."""

    def __init__(self, setting: Setting, indexer: QueryIndexer) -> None:
        super().__init__(setting)
        with self._watch.stage("gather"):
            self._queries = indexer.band(self._axes, self._rows, self._cols, self._cell_cols)
        self.size = self._queries.cell.size

    def logits(self) -> FloatArray:
        """Classify every query."""
        with self._watch.stage("classifier", self.size):
            return self._network.logits(self._projection("classifier"), *self._queries)

    def base(self) -> FloatArray:
        """Return the bilinear base of every query."""
        pixels, origin = self._strip.pixels()
        return bilinear_rows(pixels, origin, self._axes, self._rows, self._cols).reshape(-1, 3)

    def add_to_all(self, j: int, values: FloatArray) -> None:
        """Run upsampler j on every query: gathered, since dense graphs know one scale."""
        values += self.residual(j, np.arange(self.size))

    def raster(self, values: Values) -> Values:
        """Put values in place: they are."""
        return values.reshape(len(self._rows), len(self._cols), *values.shape[1:])

    def _take(self, chosen: Indices) -> Queries:
        return self._queries.take(chosen)


class CellBand(Band):
    """The queries of all cells under rows x cols, cell by cell, at the dense graphs' scale."""

    takes_all = True

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        axes = self._axes
        self._scale = scale = axes[0].n_hr // axes[0].n_lr
        offsets = axes[0].offsets(0, scale), axes[1].offsets(0, scale)
        self._table = geometry_table(axes, *offsets)
        self._phases = self._scale * self._scale
        self.size = len(self._cell_rows) * len(self._cell_cols) * self._phases

    def logits(self) -> FloatArray:
        """Classify every query."""
        with self._watch.stage("classifier", self.size):
            return self._network.every_logit(self._projection("classifier"), self._table)

    def base(self) -> FloatArray:
        """Return the bilinear base of every query."""
        return self._network.base(self._strip.planes(self._cell_rows, self._cell_cols))

    def add_to_all(self, j: int, values: FloatArray) -> None:
        """Run upsampler j on every query, batch by batch."""
        with self._watch.stage("gather"):
            projection = self._projection(str(j))
        cells = max(1, self.tuning.batch[j] // self._phases)
        for start in range(0, len(projection), cells):
            block = projection[start : start + cells]
            with self._watch.stage(f"upsampler_{j}", len(block) * self._phases):
                part = self._network.every_residual(j, block, self._table)
            with self._watch.stage("scatter"):
                # In the cache still.
                values[start * self._phases : start * self._phases + len(part)] += part

    def raster(self, values: Values) -> Values:
        """Put values in place, and leave out what lies beyond rows and cols."""
        s, height, width = self._scale, len(self._cell_rows), len(self._cell_cols)
        # A row of a cell moves as one item.
        item = np.dtype((np.void, s * values.itemsize * (values.size // self.size)))
        items = values.reshape(height * width * s, -1).view(item).reshape(height, width, s)
        placed = np.ascontiguousarray(items.transpose(0, 2, 1)).view(values.dtype)
        out = placed.reshape(height * s, width * s, *values.shape[1:])
        rows = self._rows.slice(self._cell_rows.start * s)
        return out[rows, self._cols.slice(self._cell_cols.start * s)]

    def _take(self, chosen: Indices) -> Queries:
        cell = chosen // self._phases
        phase = chosen - cell * self._phases
        return Queries(cell.astype(np.int32), phase.astype(np.int32), self._table)
