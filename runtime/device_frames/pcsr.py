"""PCSR on a device: backbone, classes, dense batches per class, refinement, pixels."""

from __future__ import annotations

from dataclasses import replace
from typing import Iterator, List, Optional, Tuple

import numpy as np

from pcsr_edge.runtime.assignment import Choice, DifficultyHistogram, difficulty
from pcsr_edge.runtime.bilinear import mix
from pcsr_edge.runtime.buckets import QUERY_BUCKETS, batches
from pcsr_edge.runtime.decision import Decision
from pcsr_edge.runtime.device import DeviceArray
from pcsr_edge.runtime.device_frames.busy_rows import Spans, busy_rows
from pcsr_edge.runtime.device_frames.frame import DeviceFrame
from pcsr_edge.runtime.device_frames.queries import TileQueries
from pcsr_edge.runtime.device_frames.windows import same_windows
from pcsr_edge.runtime.engine import Arrays
from pcsr_edge.runtime.geometry import Span
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.method import FrameRequest, work_share
from pcsr_edge.runtime.options import cost_exponent, forced_class
from pcsr_edge.runtime.pixels import from_unit
from pcsr_edge.runtime.refinement import refine
from pcsr_edge.runtime.tiling import Tile, plan_tiles


class PCSRDeviceFrame(DeviceFrame):
    """Runs one image at any scale.

    The host waits in every tile for how many queries each class has, which decides what is queued,
    and in the end for the result. ADM and `work` also wait for the difficulties of every tile.
    """

    @staticmethod
    def checked(manifest: Manifest, request: FrameRequest) -> FrameRequest:
        """Fill in k, and refuse classes that do not exist."""
        return replace(
            request,
            k=cost_exponent(manifest, request.k, request.adaptive),
            force_class=forced_class(manifest, request.force_class),
            work=work_share(manifest, request),
        )

    def _plan(self) -> List[Tile]:
        request = self._request
        tiles = plan_tiles(request.axes, request.side, self._manifest.receptive_field)
        return same_windows(tiles, (request.axes[0].n_lr, request.axes[1].n_lr))

    def _prepare(self) -> None:
        self._scanned: Optional[Tuple[Arrays, DeviceArray]] = None
        request = self._request
        decision = Decision(
            self._manifest,
            request.axes,
            request.k or 0.0,
            request.adaptive,
            request.force_class,
            request.work,
            request.prices,
        )
        self._lone = decision.lone_class(request.image)
        self._choice: Optional[Choice] = None
        self._classified: List[Spans] = [[tile.outer_rows] for tile in self.tiles]
        if self._lone is None:
            if request.work is not None:
                self._classified = busy_rows(request.image, request.axes, self.tiles, request.work)
            histogram = self._scan() if decision.scans else None
            self._choice = decision.choice(histogram, self.class_map.size)
        elif self._lone:
            self.class_map[:] = self._lone
        refines = request.refine and request.force_class is None
        self._smooth = refines and len(self._manifest.classes) > 1

    def _scan(self) -> DifficultyHistogram:
        """Count difficulties over what is classified; what a lone tile has is kept."""
        histogram = DifficultyHistogram()
        for index, tile in enumerate(self.tiles):
            spans = self._classified[index]
            if not spans and len(self.tiles) > 1:
                continue
            queries, features = self._queries(tile), self._features(tile)
            logits = self._logits(queries, features, spans)
            cols = tile.cols.slice(tile.outer_cols.start)
            for span, part in self._parts(tile, spans):
                block = difficulty(logits[part]).reshape(len(span), -1)
                histogram.add(block[span.common(tile.rows).slice(span.start), cols].ravel())
            if len(self.tiles) == 1:
                self._scanned = features, logits
        return histogram

    def _queries(self, tile: Tile) -> TileQueries:
        axes = self._request.axes
        key = axes, tile.outer_rows, tile.outer_cols, tile.window_rows, tile.window_cols
        return self._workspace.known(key, lambda: TileQueries(self._workspace, axes, tile))

    def _features(self, tile: Tile) -> Arrays:
        self._seen = self._planes(self._pixels(tile.window_rows, tile.window_cols))
        return self._workspace.run("backbone", {"image": self._seen})

    def _logits(self, queries: TileQueries, features: Arrays, spans: Spans) -> DeviceArray:
        """Classify the queries of some outer rows: float32 (n, M), at the places of the queries."""
        shape = queries.size, len(self._manifest.classes)
        logits = self._workspace.buffer("logits", shape, np.float32)
        projection = features["projection_classifier"]
        for _, rows in self._parts(queries.tile, spans):
            for batch in batches(rows.stop - rows.start, QUERY_BUCKETS):
                part = slice(rows.start + batch.start, rows.start + batch.stop)
                inputs = {"projection": projection, **queries.inputs(part, batch)}
                out = self._workspace.run("classifier", inputs)["logits"]
                logits[part] = out[: batch.stop - batch.start]
        return logits

    @staticmethod
    def _parts(tile: Tile, spans: Spans) -> Iterator[Tuple[Span, slice]]:
        """Go through some outer rows, and the places of their queries in the tile."""
        width, origin = len(tile.outer_cols), tile.outer_rows.start
        for span in spans:
            yield span, slice((span.start - origin) * width, (span.stop - origin) * width)

    def _queue(self, index: int) -> None:
        tile = self.tiles[index]
        queries = self._queries(tile)
        choice, spans = self._choice, self._classified[index]
        if choice is None:
            features = self._features(tile)
            classes = self._xp.full(queries.size, self._lone, np.uint8)
            canvas = self._base(queries)
            self._add(self._lone or 0, None, queries, features, canvas)
        else:
            if self._scanned is None:
                features = self._features(tile)
                logits = self._logits(queries, features, spans)
            else:
                features, logits = self._scanned
            classes = self._xp.full(queries.size, len(self._manifest.classes) - 1, np.uint8)
            for _, part in self._parts(tile, spans):
                classes[part] = choice.classes(choice.scores(logits[part]))
            canvas = self._upsampled(classes, queries, features)
        self._finish(tile, canvas.reshape(*queries.shape, 3), classes.reshape(queries.shape))

    def _upsampled(
        self, classes: DeviceArray, queries: TileQueries, features: Arrays
    ) -> DeviceArray:
        """Return base and residual of every query: float32 (n, 3)."""
        count = len(self._manifest.classes)
        counts = self._device.fetch(self._xp.stack([(classes == j).sum() for j in range(count)]))
        # Queued before the counts are waited for, so that the device has work meanwhile.
        order = self._xp.argsort(classes)
        canvas = self._base(queries)
        start = 0
        for j, members in enumerate(map(int, counts())):
            self._add(j, order[start : start + members], queries, features, canvas)
            start += members
        return canvas

    def _base(self, queries: TileQueries) -> DeviceArray:
        """Upsample the window that the backbone has just seen: (n, 3)."""
        return mix(self._seen[0].transpose(1, 2, 0), *queries.bilinear).reshape(-1, 3)

    def _add(
        self,
        j: int,
        members: Optional[DeviceArray],
        queries: TileQueries,
        features: Arrays,
        canvas: DeviceArray,
    ) -> None:
        """Add the residuals of class j to its members, all queries where they are None."""
        projection = features[f"projection_{j}"]
        count = queries.size if members is None else len(members)
        for batch in batches(count, QUERY_BUCKETS):
            part = slice(batch.start, batch.stop)
            chosen = part if members is None else members[part]
            inputs = {"projection": projection, **queries.inputs(chosen, batch)}
            residual = self._workspace.run(f"upsampler_{j}", inputs)["residual"]
            residual = residual[: batch.stop - batch.start]
            if self._manifest.std != 1:
                residual = residual * np.float32(self._manifest.std)
            canvas[chosen] += residual

    def _finish(self, tile: Tile, canvas: DeviceArray, classes: DeviceArray) -> None:
        """Refine, round and deliver the core of a tile."""
        if self._smooth:
            canvas = refine(canvas, classes, len(self._manifest.classes))
        rows = tile.rows.slice(tile.outer_rows.start)
        cols = tile.cols.slice(tile.outer_cols.start)
        core = canvas[rows, cols]
        rounded = self._xp.empty(core.shape, self.out.dtype)
        from_unit(core, rounded)
        self._deliver(rounded, tile.rows, tile.cols)
        if self._choice is not None:
            self._deliver_classes(classes[rows, cols], tile.rows, tile.cols)
