"""The work on one tile: features, assignment, upsampling, refinement, in bands of SR rows."""

from __future__ import annotations

from typing import Callable, Dict, List, NamedTuple, Optional, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.assignment import Choice, ClassMap
from pcsr_edge.runtime.band import Band, CellBand, QueryBand, Setting
from pcsr_edge.runtime.geometry import Axis, FloatArray, Span
from pcsr_edge.runtime.network import Network
from pcsr_edge.runtime.pixels import from_unit
from pcsr_edge.runtime.queries import QueryIndexer
from pcsr_edge.runtime.refinement import refine
from pcsr_edge.runtime.stopwatch import Stopwatch
from pcsr_edge.runtime.strip import Strip, strips_of
from pcsr_edge.runtime.tiling import Tile
from pcsr_edge.runtime.tuning import Tuning
from pcsr_edge.runtime.upsampling import upsample

QUERIES_PER_BAND = 65536
"""About as many queries are classified and put on the canvas at a time: more leave the cache, with
fewer the calls themselves take a tenth of a frame."""


class Part(NamedTuple):
    """SR rows of a strip that make one band."""

    strip: Strip
    rows: Span

    @property
    def place(self) -> Tuple[Span, Span]:
        """SR rows and columns: what tells it from the other bands of a tile."""
        return self.rows, self.strip.cols


class TileJob:
    """One tile on its way; strips and bands of it may be worked on from several threads.

    First `extract` on every strip, then `upsample` on every band, then `deliver` on every band.
    Pixels meanwhile lie in `canvas`, (n, 3) with room for the tile's outer rows and columns, which
    tiles that are worked on one after another may share.
    """

    def __init__(
        self,
        network: Network,
        tuning: Tuning,
        indexer: QueryIndexer,
        watch: Stopwatch,
        axes: Tuple[Axis, Axis],
        tile: Tile,
        image: npt.NDArray[np.generic],
        threads: int,
        canvas: FloatArray,
    ) -> None:
        self._network, self._tuning = network, tuning
        self._indexer, self._watch = indexer, watch
        self._axes, self.tile, self._image = axes, tile, image
        self._dense = network.has_dense_graphs(axes)
        shape = len(tile.outer_rows), len(tile.outer_cols)
        self._canvas = canvas[: shape[0] * shape[1]].reshape(*shape, 3)
        self._class_map = np.zeros(shape, dtype=np.uint8)
        self._scores: Dict[Part, FloatArray] = {}
        self.strips = strips_of(tile, axes, network.manifest.receptive_field, threads)

    def extract(self, strip: Strip) -> None:
        """Run the backbone on a strip."""
        strip.extract(self._network, self._watch, self._image)

    def bands(self) -> List[Part]:
        """Cut every strip into bands of whole cells, in coordinates of the frame."""
        axis = self._axes[0]
        parts = []
        for strip in self.strips:
            queries = -(-axis.n_hr // axis.n_lr) * len(strip.cols)
            height = max(1, QUERIES_PER_BAND // queries)
            cells = axis.cells(strip.rows.start, strip.rows.stop)
            inner = range(int(cells[0]) + height, int(cells[-1]) + 1, height)
            edges = [strip.rows.start, *map(axis.first_query, inner), strip.rows.stop]
            spans = [Span(start, stop) for start, stop in zip(edges, edges[1:])]
            parts += [Part(strip, rows) for rows in spans if len(rows) > 0]
        return parts

    def core(self, part: Part, scores: Callable[[FloatArray], FloatArray]) -> FloatArray:
        """Return the scores of a band for the queries that this tile alone delivers: (n,).

        Those of all its queries are kept until it is upsampled; see `Choice`.
        """
        band = self._band(part)
        logits = band.logits()
        with self._watch.stage("assignment"):
            self._scores[part] = scores(logits)
        block = band.raster(self._scores[part])
        rows, cols = part.rows.common(self.tile.rows), part.strip.cols.common(self.tile.cols)
        return block[rows.slice(part.rows.start), cols.slice(part.strip.cols.start)].ravel()

    def upsample(self, part: Part, choice: Optional[Choice], forced: int) -> None:
        """Put the pixels of a band on the canvas; all of class `forced` where `choice` is None."""
        band = self._band(part)
        rows = part.rows.slice(self.tile.outer_rows.start)
        cols = part.strip.cols.slice(self.tile.outer_cols.start)
        classes = np.full(band.size, forced, dtype=np.uint8)
        if choice is not None:
            if part not in self._scores:
                self._scores[part] = choice.scores(band.logits())
            with self._watch.stage("assignment"):
                classes = choice.classes(self._scores.pop(part))
        values = upsample(band, classes, self._network.classes, self._watch)
        with self._watch.stage("scatter"):
            self._class_map[rows, cols] = band.raster(classes)
            self._canvas[rows, cols] = band.raster(values)

    def rows(self) -> List[Span]:
        """Cut the rows that the tile delivers into pieces that stay in cache."""
        rows = self.tile.rows
        height = max(1, QUERIES_PER_BAND // len(self.tile.cols))
        starts = range(rows.start, rows.stop, height)
        return [Span(start, min(start + height, rows.stop)) for start in starts]

    def deliver(
        self, rows: Span, smooth: bool, out: npt.NDArray[np.generic], class_map: ClassMap
    ) -> None:
        """Refine some rows and write them to the frame's result. All bands must be upsampled."""
        tile, origin = self.tile, self.tile.outer_rows.start
        with self._watch.stage("refinement"):
            around = rows.grow(1, self._axes[0].n_hr).common(tile.outer_rows)
            block = self._canvas[around.slice(origin)]
            if smooth:
                classes = self._class_map[around.slice(origin)]
                block = refine(block, classes, self._network.classes)
        with self._watch.stage("postprocess"):
            cols = tile.cols.slice(tile.outer_cols.start)
            pixels = block[rows.slice(around.start), cols]
            # Neighbouring rows look at the canvas, which must stay as it is.
            from_unit(pixels if smooth else pixels.copy(), out[rows.slice(), tile.cols.slice()])
            class_map[rows.slice(), tile.cols.slice()] = self._class_map[rows.slice(origin), cols]

    def _band(self, part: Part) -> Band:
        setting = Setting(
            self._network,
            self._tuning,
            self._watch,
            part.strip,
            self._axes,
            part.rows,
            part.strip.cols,
        )
        return CellBand(setting) if self._dense else QueryBand(setting, self._indexer)
