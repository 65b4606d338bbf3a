"""The work on one tile: features, assignment, upsampling, refinement, in bands of SR rows."""

from __future__ import annotations

from typing import Callable, List, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.assignment import ClassMap
from pcsr_edge.runtime.bilinear import bilinear_rows
from pcsr_edge.runtime.geometry import Axis, FloatArray, Span
from pcsr_edge.runtime.network import Features, Network
from pcsr_edge.runtime.pixels import from_unit, window
from pcsr_edge.runtime.queries import Queries, QueryIndexer
from pcsr_edge.runtime.refinement import refined_values, refinement_targets
from pcsr_edge.runtime.stopwatch import Stopwatch
from pcsr_edge.runtime.tiling import Tile

QUERIES_PER_BAND = 32768
"""About as many queries are indexed, classified and scattered at a time: they stay in cache."""
QUERIES_PER_BATCH = 8192
"""At most as many go through an upsampler at a time."""

Assign = Callable[[FloatArray], ClassMap]
"""From logits (n, M) to classes (n,)."""


class TileJob:
    """One tile on its way; bands of it may be worked on from several threads."""

    def __init__(
        self,
        network: Network,
        indexer: QueryIndexer,
        watch: Stopwatch,
        axes: Tuple[Axis, Axis],
        tile: Tile,
        image: npt.NDArray[np.generic],
    ) -> None:
        self._network, self._indexer, self._watch = network, indexer, watch
        self._axes, self.tile = axes, tile
        shape = len(tile.outer_rows), len(tile.outer_cols)
        self._canvas = np.empty((*shape, 3), dtype=np.float32)
        self._class_map = np.zeros(shape, dtype=np.uint8)
        with watch.stage("preprocess"):
            planes, self._pixels = window(image, tile.window_rows.slice(), tile.window_cols.slice())
        with watch.stage("backbone"):
            self._features = network.features(planes)

    def bands(self) -> List[Span]:
        """Cut the outer rows into bands, in coordinates of the frame."""
        outer = self.tile.outer_rows
        height = max(1, QUERIES_PER_BAND // len(self.tile.outer_cols))
        starts = range(outer.start, outer.stop, height)
        return [Span(start, min(start + height, outer.stop)) for start in starts]

    def logits(self, rows: Span) -> FloatArray:
        """Classify the queries of a band: (n, M)."""
        queries, features = self._queries(rows)
        with self._watch.stage("classifier"):
            return self._network.logits(features, *queries)

    def core(self, rows: Span, values: FloatArray) -> FloatArray:
        """Keep of a band's values (n,) those that this tile alone delivers."""
        tile = self.tile
        keep = Span(max(rows.start, tile.rows.start), min(rows.stop, tile.rows.stop))
        block = values.reshape(len(rows), len(tile.outer_cols))
        block = block[keep.slice(rows.start), tile.cols.slice(tile.outer_cols.start)]
        return block.ravel()

    def assign(self, rows: Span, assign: Assign) -> None:
        """Classify a band and assign its classes."""
        logits = self.logits(rows)
        with self._watch.stage("assignment"):
            self._classes(rows)[:] = assign(logits)

    def fill_classes(self, value: int) -> None:
        """Give every query of the tile one class."""
        self._class_map.fill(value)

    def upsample(self, rows: Span) -> None:
        """Put bilinear base and residuals of a band on the canvas."""
        with self._watch.stage("residual"):
            canvas = self._canvas[rows.slice(self.tile.outer_rows.start)]
            tile = self.tile
            origin = tile.window_rows.start, tile.window_cols.start
            canvas[:] = bilinear_rows(self._pixels, origin, self._axes, rows, tile.outer_cols)
        flat = canvas.reshape(-1, 3)
        queries, features = self._queries(rows)
        classes = self._classes(rows)
        for j in range(self._network.classes):
            with self._watch.stage("gather"):
                chosen = np.flatnonzero(classes == j)
            for start in range(0, chosen.size, QUERIES_PER_BATCH):
                self._batch(j, flat, chosen[start : start + QUERIES_PER_BATCH], queries, features)

    def _batch(
        self,
        j: int,
        flat: FloatArray,
        chosen: npt.NDArray[np.int64],
        queries: Queries,
        features: Features,
    ) -> None:
        with self._watch.stage("gather"):
            batch = queries.take(chosen)
        with self._watch.stage(f"upsampler_{j}"):
            residual = self._network.residual(j, features, *batch)
        with self._watch.stage("scatter"):
            residual += flat.take(chosen, axis=0)
            flat[chosen] = residual

    def deliver(
        self, rows: Span, refine: bool, out: npt.NDArray[np.generic], class_map: ClassMap
    ) -> None:
        """Refine a band and write its core to the frame's result. All bands must be upsampled."""
        tile, origin = self.tile, self.tile.outer_rows.start
        keep = Span(max(rows.start, tile.rows.start), min(rows.stop, tile.rows.stop))
        if len(keep) <= 0:
            return
        with self._watch.stage("refinement"):
            around = keep.grow(1, self._axes[0].n_hr)
            around = Span(max(around.start, origin), min(around.stop, tile.outer_rows.stop))
            block = self._canvas[around.slice(origin)].copy()
            if refine and self._network.classes > 1:
                targets = refinement_targets(
                    self._class_map[around.slice(origin)], self._network.classes
                )
                values = refined_values(self._canvas[around.slice(origin)], targets)
                block.reshape(-1, 3)[targets] = values
        with self._watch.stage("postprocess"):
            cols = tile.cols.slice(tile.outer_cols.start)
            from_unit(block[keep.slice(around.start), cols], out[keep.slice(), tile.cols.slice()])
            class_map[keep.slice(), tile.cols.slice()] = self._class_map[keep.slice(origin), cols]

    def _classes(self, rows: Span) -> ClassMap:
        return self._class_map[rows.slice(self.tile.outer_rows.start)].reshape(-1)

    def _queries(self, rows: Span) -> Tuple[Queries, Features]:
        tile, axis = self.tile, self._axes[0]
        with self._watch.stage("gather"):
            queries = self._indexer.band(self._axes, rows, tile.outer_cols, tile.window_cols)
            cells = axis.cells(rows.start, rows.stop)
            width = len(tile.window_cols)
            first = (int(cells[0]) - tile.window_rows.start) * width
            last = (int(cells[-1]) + 1 - tile.window_rows.start) * width
            features = {name: values[first:last] for name, values in self._features.items()}
        return queries, features
