"""Some patches of a frame: through their subnets in dense batches, and put together again."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.assignment import ClassMap
from pcsr_edge.runtime.engine import Engine
from pcsr_edge.runtime.geometry import FloatArray, Span
from pcsr_edge.runtime.interpolation import REACH, bicubic_phases
from pcsr_edge.runtime.patch_grid import PatchGrid, touching
from pcsr_edge.runtime.patch_plan import Shares
from pcsr_edge.runtime.phases import write_phases
from pcsr_edge.runtime.pixels import to_planes
from pcsr_edge.runtime.stopwatch import Stopwatch

PATCHES_PER_CALL = 4
"""Few, so that threads end together and what they work on stays in the cache."""


class PatchSettings(NamedTuple):
    """What all areas of a frame have in common."""

    engines: Sequence[Engine]
    """The subnets, widest first: `image` (n, 3, h, w) → `phases` (n, 3·scale², h, w)."""
    scale: int
    halo: int
    """LR pixels around a core that a subnet sees; 0: patches overlap and are averaged."""
    shares: Optional[Shares]
    """By which patches are averaged; None where they have a halo."""


class Batch(NamedTuple):
    """Patches of one class whose windows are of one size."""

    number: int
    """The class."""
    places: List[Tuple[int, int]]
    """Row and column of each in the grid."""


class PatchArea:
    """Patches whose cores make a rectangle, and what it takes of their neighbours.

    Batches may be worked on from several threads, then strips of rows. Each pixel adds up its
    patches in the order of the grid, so areas, batches, strips and threads change nothing.

    Args:
        settings: of the frame.
        image: the whole frame's, RGB (h, w, 3).
        grid: of all its patches.
        part: rows and columns of the grid whose cores make the area.
        classes: of all patches, uint8 (rows, columns).
        watch: takes the times.
    """

    def __init__(
        self,
        settings: PatchSettings,
        image: npt.NDArray[Any],
        grid: PatchGrid,
        part: Tuple[Span, Span],
        classes: ClassMap,
        watch: Stopwatch,
    ) -> None:
        self._settings, self._image, self._grid = settings, image, grid
        self._part, self._classes, self._watch = part, classes, watch
        self.rows, self.cols = grid.cores(part)
        self._used = part
        if settings.shares is not None:
            self._used = touching(grid.rows, self.rows), touching(grid.cols, self.cols)
        self._parts: Dict[Tuple[int, int], FloatArray] = {}

    def batches(self) -> List[Batch]:
        """Return every batch of the area, the heaviest first."""
        groups: Dict[Tuple[int, int, int], List[Tuple[int, int]]] = {}
        for row in range(self._used[0].start, self._used[0].stop):
            for col in range(self._used[1].start, self._used[1].stop):
                number = int(self._classes[row, col])
                height, width = (len(span) for span in self._window((row, col), number))
                groups.setdefault((number, height, width), []).append((row, col))
        return [
            Batch(key[0], places[first : first + PATCHES_PER_CALL])
            for key, places in sorted(groups.items())
            for first in range(0, len(places), PATCHES_PER_CALL)
        ]

    def compute(self, batch: Batch) -> None:
        """Run a batch and keep the results."""
        subnets = len(self._settings.engines)
        with self._watch.stage("gather"):
            if batch.number == subnets:
                windows = np.concatenate([self._padded(place) for place in batch.places])
            else:
                windows = np.concatenate(
                    [
                        to_planes(self._image[rows.slice(), cols.slice()])
                        for rows, cols in (self._window(p, batch.number) for p in batch.places)
                    ]
                )
        if batch.number == subnets:
            with self._watch.stage("interpolation", windows[:, 0].size):
                made = bicubic_phases(windows, self._settings.scale)
        else:
            with self._watch.stage(f"subnet_{batch.number}", windows[:, 0].size):
                made = self._settings.engines[batch.number].run({"image": windows})["phases"]
        with self._watch.stage("scatter"):
            for place, phases in zip(batch.places, made):
                # One key a patch, so that threads never write the same.
                self._parts[place] = self._kept(place, batch.number, phases)

    def strips(self, count: int) -> List[Span]:
        """Cut the rows of the area into at most `count` strips."""
        height = len(self.rows)
        edges = sorted({self.rows.start + height * i // count for i in range(count + 1)})
        return [Span(start, stop) for start, stop in zip(edges, edges[1:])]

    def deliver(self, rows: Span, out: npt.NDArray[Any]) -> None:
        """Put patches together in some rows, and write them to the frame's pixels."""
        scale = self._settings.scale
        with self._watch.stage("scatter"):
            canvas = self._joined(rows)
        with self._watch.stage("postprocess"):
            target = [slice(s.start * scale, s.stop * scale) for s in (rows, self.cols)]
            write_phases(canvas, out[target[0], target[1]])

    def class_map(self, out: ClassMap) -> None:
        """Write the class of every patch to the pixels of its core."""
        scale = self._settings.scale
        target = [slice(s.start * scale, s.stop * scale) for s in (self.rows, self.cols)]
        out[target[0], target[1]] = self._grid.class_map(self._part, self._classes, scale)

    def _extent(self, place: Tuple[int, int]) -> Tuple[Span, Span]:
        return self._grid.extent(place, self._settings.halo)

    def _window(self, place: Tuple[int, int], number: int) -> Tuple[Span, Span]:
        """Return what the subnet of a patch sees."""
        rows, cols = self._extent(place)
        if number == len(self._settings.engines):
            return rows, cols
        halo, (height, width) = self._settings.halo, self._image.shape[:2]
        return rows.grow(halo, height), cols.grow(halo, width)

    def _padded(self, place: Tuple[int, int]) -> FloatArray:
        """Cut a patch with what interpolation sees around it; the picture's edge repeats."""
        rows, cols = (np.arange(s.start - REACH, s.stop + REACH) for s in self._extent(place))
        height, width = self._image.shape[:2]
        inner = np.ix_(np.clip(rows, 0, height - 1), np.clip(cols, 0, width - 1))
        return to_planes(self._image[inner])

    def _kept(self, place: Tuple[int, int], number: int, phases: FloatArray) -> FloatArray:
        """Return the part of a result that the patch delivers, as much of it as its share is."""
        if self._settings.shares is not None:
            down, across = (s[index] for s, index in zip(self._settings.shares, place))
            own: FloatArray = phases * (down[:, None] * across)
            return own
        window, extent = self._window(place, number), self._extent(place)
        rows, cols = (e.slice(w.start) for e, w in zip(extent, window))
        # A view would keep the halo in memory, several times what is delivered.
        return phases[:, rows, cols].copy()

    def _joined(self, rows: Span) -> FloatArray:
        """Return what all patches add up to by phase: (3·scale², rows, columns of the area)."""
        size = (3 * self._settings.scale**2, len(rows), len(self.cols))
        canvas = np.zeros(size, dtype=np.float32)
        for (row, col), own, place in self._overlaps(rows):
            target = own[0].slice(rows.start), own[1].slice(self.cols.start)
            source = own[0].slice(place[0].start), own[1].slice(place[1].start)
            canvas[:, target[0], target[1]] += self._parts[row, col][:, source[0], source[1]]
        return canvas

    def _overlaps(
        self, rows: Span
    ) -> Iterator[Tuple[Tuple[int, int], Tuple[Span, Span], Tuple[Span, Span]]]:
        """Go through the patches that deliver to some rows: place, common cells, extent."""
        for row in range(self._used[0].start, self._used[0].stop):
            for col in range(self._used[1].start, self._used[1].stop):
                extent = self._extent((row, col))
                common = extent[0].common(rows), extent[1].common(self.cols)
                if len(common[0]) > 0 and len(common[1]) > 0:
                    yield (row, col), common, extent
