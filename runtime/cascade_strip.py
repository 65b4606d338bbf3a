"""Some rows of blocks of a frame: their light result, their classes, their corrections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.assignment import ClassMap
from pcsr_edge.runtime.block_grid import BlockArea
from pcsr_edge.runtime.engine import Engine
from pcsr_edge.runtime.geometry import FloatArray, Span
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.phases import write_phases
from pcsr_edge.runtime.pixels import to_planes
from pcsr_edge.runtime.stopwatch import Stopwatch

LEAST_GAIN = 1e-30
"""Stands for gains of 0, which have no logarithm."""
Place = Tuple[int, int]
"""Row and column of a block in its strip."""


@dataclass(frozen=True)
class CascadeEngines:
    """The graphs of a cascade; both work with one thread a call."""

    trunk: Engine
    """`image` (1, 3, h, w) → `features` (1, C, h, w), `gain` (1, 1, h, w), and the light result
    `phases` (1, 3·scale², h, w)."""
    deep: Engine
    """`features` (n, C, side + 2*margin, side + 2*margin) → `correction` of the light result,
    (n, 3·scale², side, side)."""


class CascadeStrip:
    """One strip; its blocks may be worked on from several threads.

    Args:
        manifest: of the bundle.
        engines: its graphs.
        image: the whole frame's, RGB (h, w, 3).
        area: the blocks of the strip.
        watch: takes the times.
    """

    def __init__(
        self,
        manifest: Manifest,
        engines: CascadeEngines,
        image: npt.NDArray[Any],
        area: BlockArea,
        watch: Stopwatch,
    ) -> None:
        assert isinstance(manifest.scale, int)
        self._side, self._margin, self._scale = manifest.block, manifest.margin, manifest.scale
        self._engines, self._area, self._watch = engines, area, watch
        self.classes: ClassMap = np.ones((len(area.rows), len(area.cols)), dtype=np.uint8)
        """uint8 (rows, columns) of blocks: 0 heavy, 1 light."""
        height, width = image.shape[:2]
        self._seen = area.seen(self._side, self._margin, (height, width))
        # At its edges the trunk sees zeros in place of what goes on there.
        radius = manifest.receptive_field - self._margin
        rows = self._seen[0].grow(radius, height)
        cols = self._seen[1].grow(radius, width)
        with watch.stage("preprocess"):
            planes = to_planes(image[rows.slice(), cols.slice()])
        with watch.stage("trunk", planes[0, 0].size):
            out = engines.trunk.run({"image": planes})
        seen = self._seen[0].slice(rows.start), self._seen[1].slice(cols.start)
        cells = [s.slice(o.start) for s, o in zip(area.cells(), (rows, cols))]
        self._features = out["features"][0, :, seen[0], seen[1]]
        self._gain = out["gain"][0, 0, cells[0], cells[1]]
        self._phases = out["phases"][0, :, cells[0], cells[1]]

    def logits(self) -> FloatArray:
        """Return the classifier's logits of all blocks, row by row: float32 (n, 2).

        A block's gain is the mean of its cells' gains. The gain is in units of what tips the
        scales at k = 0, so that its logarithm is the logit of class 0 against 0 for class 1.
        """
        starts = [
            [line.cells.start - lines[0].cells.start for line in lines]
            for lines in (self._area.rows, self._area.cols)
        ]
        # In double precision, so that the sum does not depend on how a strip lies in memory.
        sums = np.add.reduceat(self._gain, starts[0], axis=0, dtype=np.float64)
        sums = np.add.reduceat(sums, starts[1], axis=1)
        return block_logits(self._area, sums)

    def leave_light(self, core: Tuple[Span, Span]) -> None:
        """Make blocks light that have no cell in `core`, rows and columns of the image."""
        lines = self._area.rows, self._area.cols
        inside = [
            np.array([len(line.cells.common(span)) > 0 for line in each])
            for each, span in zip(lines, core)
        ]
        self.classes[~np.logical_and.outer(*inside)] = 1

    def heavy(self) -> List[Place]:
        """Return the places of the blocks of class 0."""
        return [(int(row), int(col)) for row, col in np.argwhere(self.classes == 0)]

    def correct(self, places: Sequence[Place]) -> None:
        """Run the deep part on some blocks, and add its corrections to the light result."""
        with self._watch.stage("gather"):
            windows = self._windows(places)
        with self._watch.stage("deep", windows[:, 0].size):
            corrections = self._engines.deep.run({"features": windows})["correction"]
        with self._watch.stage("scatter"):
            for place, correction in zip(places, corrections):
                self._add(place, correction)

    def deliver(self, out: npt.NDArray[Any], class_map: ClassMap) -> None:
        """Write the strip's pixels and classes to the frame's."""
        rows, cols = (_times(s.slice(), self._scale) for s in self._area.cells())
        with self._watch.stage("postprocess"):
            write_phases(self._phases, out[rows, cols])
            heights, widths = (
                [len(line.cells) * self._scale for line in lines]
                for lines in (self._area.rows, self._area.cols)
            )
            class_map[rows, cols] = self.classes.repeat(heights, axis=0).repeat(widths, axis=1)

    def _windows(self, places: Sequence[Place]) -> npt.NDArray[Any]:
        """Cut blocks with their margins out of the features; beyond the picture all is 0."""
        size = self._side + 2 * self._margin
        channels = len(self._features)
        windows = np.zeros((len(places), channels, size, size), dtype=self._features.dtype)
        for window, (row, col) in zip(windows, places):
            target, source = [], []
            origins = self._area.rows[row].origin, self._area.cols[col].origin
            for origin, seen in zip(origins, self._seen):
                first = origin - self._margin
                part = Span(max(first, seen.start), min(first + size, seen.stop))
                target.append(part.slice(first))
                source.append(part.slice(seen.start))
            window[(slice(None), *target)] = self._features[(slice(None), *source)]
        return windows

    def _add(self, place: Place, correction: FloatArray) -> None:
        lines = self._area.rows[place[0]], self._area.cols[place[1]]
        target, source = [], []
        for line, covered in zip(lines, self._area.cells()):
            target.append(line.cells.slice(covered.start))
            source.append(line.cells.slice(line.origin))
        self._phases[(slice(None), *target)] += correction[(slice(None), *source)]


def block_logits(area: BlockArea, sums: npt.NDArray[np.float64]) -> FloatArray:
    """Return the classifier's logits of blocks, row by row: float32 (n, 2).

    Args:
        area: the blocks.
        sums: (rows, columns) of blocks, the gains of each block's cells added up.
    """
    heights, widths = (
        np.array([len(line.cells) for line in lines]) for lines in (area.rows, area.cols)
    )
    gains = sums / (heights[:, None] * widths)
    logits = np.zeros((gains.size, 2), dtype=np.float32)
    logits[:, 0] = np.log(np.maximum(gains, LEAST_GAIN)).ravel()
    return logits


def _times(cells: slice, scale: int) -> slice:
    """Turn a range of cells into that of their SR pixels."""
    return slice(cells.start * scale, cells.stop * scale)
