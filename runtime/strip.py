"""A strip of a tile: what one thread takes through the backbone at a time, with its features."""

from __future__ import annotations

from typing import Any, List, Mapping, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.geometry import Axis, FloatArray, Span
from pcsr_edge.runtime.network import Network
from pcsr_edge.runtime.pixels import to_planes
from pcsr_edge.runtime.stopwatch import Stopwatch
from pcsr_edge.runtime.tiling import Tile, cut_into_strips

CELLS_PER_STRIP = 2**17
"""A strip has no more cells in its core: the engine's scratch memory grows with them."""


class Strip:
    """A rectangle of a tile; nothing may be asked of its cells before `extract`."""

    def __init__(self, part: Tile, rows: Span, cols: Span) -> None:
        self._window_rows, self._window_cols = part.window_rows, part.window_cols
        self.rows = rows
        """SR rows whose queries are answered from here."""
        self.cols = cols
        """SR columns, likewise."""
        self._features: Mapping[str, npt.NDArray[Any]] = {}
        self._margined = np.empty((3, 0, 0), dtype=np.float32)

    def extract(self, network: Network, watch: Stopwatch, image: npt.NDArray[Any]) -> None:
        """Run the backbone on the strip's window of `image` (h, w, 3)."""
        with watch.stage("preprocess"):
            planes = to_planes(image[self._window_rows.slice(), self._window_cols.slice()])
            # Where the window ends inside the picture, the halo keeps queries off the margin.
            self._margined = np.pad(planes[0], ((0, 0), (1, 1), (1, 1)), mode="edge")
        with watch.stage("backbone", planes[0, 0].size):
            self._features = network.features(planes)

    def projection(self, name: str, rows: Span, cols: Span) -> npt.NDArray[Any]:
        """Return a projection of the cells rows x cols, in raster order: (n, width)."""
        values = self._features[name]
        grid = values.reshape(len(self._window_rows), len(self._window_cols), -1)
        block = grid[rows.slice(self._window_rows.start), cols.slice(self._window_cols.start)]
        return block.reshape(-1, values.shape[1])

    def planes(self, rows: Span, cols: Span) -> FloatArray:
        """Return the image at the cells rows x cols, a margin of one cell around: (1, 3, …)."""
        top, left = rows.start - self._window_rows.start, cols.start - self._window_cols.start
        block = self._margined[:, top : top + len(rows) + 2, left : left + len(cols) + 2]
        return np.ascontiguousarray(block[None])

    def pixels(self) -> Tuple[FloatArray, Tuple[int, int]]:
        """Return the image of the window, (h, w, 3), and the place of its first pixel."""
        window = self._margined[:, 1:-1, 1:-1].transpose(1, 2, 0)
        return window, (self._window_rows.start, self._window_cols.start)


def strips_of(tile: Tile, axes: Tuple[Axis, Axis], halo: int, threads: int) -> List[Strip]:
    """Cut a tile into strips across its longer side: one per thread, or more of a large tile.

    Together they answer for the tile's outer rows and columns.
    """
    cells = len(tile.window_rows) * len(tile.window_cols)
    count = max(threads, -(-cells // CELLS_PER_STRIP))
    if len(tile.window_rows) >= len(tile.window_cols):
        parts = cut_into_strips(tile, axes, halo, count)
        shares = _shares(tile.outer_rows, [part.rows for part in parts])
        return [Strip(part, rows, tile.outer_cols) for part, rows in zip(parts, shares)]
    lying = cut_into_strips(_transposed(tile), (axes[1], axes[0]), halo, count)
    parts = [_transposed(part) for part in lying]
    shares = _shares(tile.outer_cols, [part.cols for part in parts])
    return [Strip(part, tile.outer_rows, cols) for part, cols in zip(parts, shares)]


def _shares(outer: Span, cores: List[Span]) -> List[Span]:
    """Widen neighbouring ranges so that together they are `outer`."""
    edges = [outer.start, *(core.start for core in cores[1:]), outer.stop]
    return [Span(start, stop) for start, stop in zip(edges, edges[1:])]


def _transposed(tile: Tile) -> Tile:
    return Tile(
        rows=tile.cols,
        cols=tile.rows,
        outer_rows=tile.outer_cols,
        outer_cols=tile.outer_rows,
        window_rows=tile.window_cols,
        window_cols=tile.window_rows,
    )
