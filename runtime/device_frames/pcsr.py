"""PCSR on a device: backbone, classes, dense batches per class, refinement, pixels."""

from __future__ import annotations

from dataclasses import replace
from typing import List, Optional, Tuple

import numpy as np

from pcsr_edge.runtime.assignment import Choice, DifficultyHistogram, difficulty
from pcsr_edge.runtime.bilinear import mix
from pcsr_edge.runtime.buckets import QUERY_BUCKETS, batches
from pcsr_edge.runtime.decision import Decision
from pcsr_edge.runtime.device import DeviceArray
from pcsr_edge.runtime.device_frames.frame import DeviceFrame
from pcsr_edge.runtime.device_frames.queries import TileQueries
from pcsr_edge.runtime.device_frames.windows import same_windows
from pcsr_edge.runtime.engine import Arrays
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.method import FrameRequest, work_share
from pcsr_edge.runtime.options import cost_exponent, forced_class
from pcsr_edge.runtime.pixels import from_unit
from pcsr_edge.runtime.refinement import refine
from pcsr_edge.runtime.tiling import Tile, plan_tiles


class PCSRDeviceFrame(DeviceFrame):
    """Runs one image at any scale.

    The host waits twice: for how many queries each class has, which decides what is queued, and
    for the result. ADM and `work` also wait for the difficulties of every tile.
    """

    @staticmethod
    def checked(manifest: Manifest, request: FrameRequest) -> FrameRequest:
        """Fill in k, and refuse classes that do not exist."""
        return replace(
            request,
            k=cost_exponent(manifest, request.k, request.adaptive),
            force_class=forced_class(manifest, request.force_class),
            work=work_share(request),
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
        )
        self._lone = decision.lone_class(request.image)
        self._choice: Optional[Choice] = None
        if self._lone is None:
            histogram = self._scan() if decision.scans else None
            self._choice = decision.choice(histogram, self.class_map.size)
        elif self._lone:
            self.class_map[:] = self._lone
        refines = request.refine and request.force_class is None
        self._smooth = refines and len(self._manifest.classes) > 1

    def _scan(self) -> DifficultyHistogram:
        """Count difficulties over the whole image; what a lone tile has is kept."""
        histogram = DifficultyHistogram()
        for tile in self.tiles:
            queries, features = self._queries(tile), self._features(tile)
            logits = self._logits(queries, features)
            rows = tile.rows.slice(tile.outer_rows.start)
            cols = tile.cols.slice(tile.outer_cols.start)
            histogram.add(difficulty(logits).reshape(queries.shape)[rows, cols].ravel())
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

    def _logits(self, queries: TileQueries, features: Arrays) -> DeviceArray:
        """Classify every query: float32 (n, M)."""
        shape = queries.size, len(self._manifest.classes)
        logits = self._workspace.buffer("logits", shape, np.float32)
        projection = features["projection_classifier"]
        for batch in batches(queries.size, QUERY_BUCKETS):
            part = slice(batch.start, batch.stop)
            inputs = {"projection": projection, **queries.inputs(part, batch)}
            out = self._workspace.run("classifier", inputs)["logits"]
            logits[part] = out[: batch.stop - batch.start]
        return logits

    def _queue(self, index: int) -> None:
        tile = self.tiles[index]
        queries = self._queries(tile)
        if self._choice is None:
            features = self._features(tile)
            classes = self._xp.full(queries.size, self._lone, np.uint8)
            canvas = self._base(queries)
            self._add(self._lone or 0, None, queries, features, canvas)
        else:
            if self._scanned is None:
                features = self._features(tile)
                logits = self._logits(queries, features)
            else:
                features, logits = self._scanned
            classes = self._choice.classes(self._choice.scores(logits))
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
