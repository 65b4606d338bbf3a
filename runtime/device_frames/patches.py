"""Supernets on a device: patches in dense batches per subnet, averaged there."""

from __future__ import annotations

from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from pcsr_edge.runtime.buckets import PATCH_BUCKETS, batches
from pcsr_edge.runtime.device import DeviceArray
from pcsr_edge.runtime.device_frames.frame import DeviceFrame
from pcsr_edge.runtime.device_frames.overlap import Cover, added_up
from pcsr_edge.runtime.device_frames.workspace import Workspace
from pcsr_edge.runtime.geometry import Span
from pcsr_edge.runtime.interpolation import REACH, bicubic_phases
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.method import FrameRequest
from pcsr_edge.runtime.patch_classes import patch_classes
from pcsr_edge.runtime.patch_grid import Cut, PatchLine, touching
from pcsr_edge.runtime.patch_method import checked_request
from pcsr_edge.runtime.patch_plan import plan_patches
from pcsr_edge.runtime.patch_table import PatchTable
from pcsr_edge.runtime.tiling import Tile

Place = Tuple[int, int]
"""Row and column of the grid."""


class _Kind(NamedTuple):
    """What patches must have in common to go through a subnet together."""

    number: int
    """The class."""
    window: Tuple[int, int]
    """Height and width of what the subnet sees."""
    inner: Tuple[Span, Span]
    """Rows and columns of the window that a patch delivers."""


class PatchDeviceFrame(DeviceFrame):
    """Runs one image; the size of its result is the trained scale times its own.

    Scores and classes are made on the host, of the image that is there: they decide what is
    queued. So the host waits for the result alone.

    Args:
        manifest: of the bundle.
        workspace: engines and buffers.
        request: checked by `checked`.
        table: gives classes; may be None where a class is forced.
    """

    def __init__(
        self,
        manifest: Manifest,
        workspace: Workspace,
        request: FrameRequest,
        table: Optional[PatchTable],
    ) -> None:
        self._table = table
        super().__init__(manifest, workspace, request)

    @staticmethod
    def checked(manifest: Manifest, request: FrameRequest) -> FrameRequest:
        """Fill in eta, and refuse what supernets cannot do."""
        return checked_request(manifest, request)

    def _plan(self) -> List[Tile]:
        plan = plan_patches(self._manifest, self._request)
        self._grid, self._halo, self._cuts = plan.grid, plan.halo, plan.cuts
        self._shares = plan.shares
        return plan.tiles

    def _prepare(self) -> None:
        self._classes = patch_classes(self._request, self._manifest, self._table, self._grid)

    def _queue(self, index: int) -> None:
        tile, cut = self.tiles[index], self._cuts[index]
        rows, cols = self._grid.cores(cut)
        used = cut
        if self._halo == 0:
            used = touching(self._grid.rows, rows), touching(self._grid.cols, cols)
        self._bring(used)
        put_together = self._placed if self._halo else self._joined
        canvas = put_together(used, rows, cols)
        self._deliver_phases(canvas, tile)
        self._deliver_map(tile, cut)

    def _bring(self, used: Cut) -> None:
        """Bring all that the patches of an area see to the device."""
        spans = []
        lines = self._grid.rows[used[0].slice()], self._grid.cols[used[1].slice()]
        for line, limit in zip(lines, self._request.image.shape):
            seen = Span(line[0].seen.start, line[-1].seen.stop)
            spans.append(seen.grow(max(self._halo, REACH), limit))
        self._origin = spans[0].start, spans[1].start
        self._seen = self._planes(self._pixels(*spans))[0]

    def _kinds(self, used: Cut) -> Dict[_Kind, List[Place]]:
        """Sort the patches of an area, the heaviest first."""
        found: Dict[_Kind, List[Place]] = {}
        for row in range(used[0].start, used[0].stop):
            for col in range(used[1].start, used[1].stop):
                place, number = (row, col), int(self._classes[row, col])
                extent = self._grid.extent(place, self._halo)
                window = self._window(extent, number)
                inner = [Span(e.start - w.start, e.stop - w.start) for e, w in zip(extent, window)]
                size = len(window[0]), len(window[1])
                found.setdefault(_Kind(number, size, (inner[0], inner[1])), []).append(place)
        return {kind: found[kind] for kind in sorted(found, key=lambda kind: kind.number)}

    def _window(self, extent: Tuple[Span, Span], number: int) -> Tuple[Span, Span]:
        """Return what a patch's subnet sees; of interpolation it may lie beyond the picture."""
        rows, cols = extent
        if self._interpolates(number):
            down, across = (Span(each.start - REACH, each.stop + REACH) for each in extent)
            return down, across
        height, width = self._request.image.shape[:2]
        return rows.grow(self._halo, height), cols.grow(self._halo, width)

    def _interpolates(self, number: int) -> bool:
        return number == len(self._manifest.classes) - 1

    def _results(self, used: Cut) -> Iterator[Tuple[List[Place], DeviceArray]]:
        """Run all patches of an area; give places, and what they deliver: (n, 3·scale², h, w)."""
        for kind, places in self._kinds(used).items():
            rows, cols = (span.slice() for span in kind.inner)
            for batch in batches(len(places), PATCH_BUCKETS):
                some = places[batch.start : batch.stop]
                windows = self._windows(kind, some, batch.size)
                if self._interpolates(kind.number):
                    scale = self._manifest.scale
                    assert isinstance(scale, int)
                    yield some, bicubic_phases(windows[: len(some)], scale)
                else:
                    graph = f"subnet_{kind.number}"
                    made = self._workspace.run(graph, {"image": windows})["phases"]
                    yield some, made[: len(some), :, rows, cols]

    def _windows(self, kind: _Kind, places: Sequence[Place], size: int) -> DeviceArray:
        """Cut the windows of some patches out, padded to `size` patches: (size, 3, h, w)."""
        index = []
        for axis in (0, 1):
            starts = np.array(
                [self._grid.extent(place, self._halo)[axis].start for place in places]
            )
            cells = starts[:, None] - kind.inner[axis].start + np.arange(kind.window[axis])
            # Beyond the picture its edge repeats.
            inside = np.clip(cells, 0, self._request.image.shape[axis] - 1)
            index.append(self._xp.asarray(inside - self._origin[axis]))
        found = self._seen[:, index[0][:, :, None], index[1][:, None, :]]
        shape = (size, 3, *kind.window)
        windows = self._workspace.buffer(f"windows_{size}", shape, np.float32)
        windows[: len(places)] = found.transpose(1, 0, 2, 3)
        windows[len(places) :] = 0
        return windows

    def _joined(self, used: Cut, rows: Span, cols: Span) -> DeviceArray:
        """Run overlapping patches, average them by their shares: (3·scale², rows, columns)."""
        lines = self._grid.rows[used[0].slice()], self._grid.cols[used[1].slice()]
        # All of one size: the last patch of an axis overlaps more.
        side = [len(line[0].seen) for line in lines]
        shape = (self._channels, len(lines[0]) + 1, len(lines[1]) + 1, *side)
        patches = self._workspace.buffer("patches", shape, np.float32)
        patches[:, -1] = 0
        patches[:, :, -1] = 0
        for places, phases in self._results(used):
            down, across = (
                self._xp.asarray(np.array([place[axis] - used[axis].start for place in places]))
                for axis in (0, 1)
            )
            shared = phases * self._shares_of(places)[:, None]
            patches[:, down, across] = shared.transpose(1, 0, 2, 3)
        return added_up(patches, self._cover(lines[0], rows), self._cover(lines[1], cols))

    def _shares_of(self, places: Sequence[Place]) -> DeviceArray:
        """Return how much some patches count at each cell they see: (n, h, w)."""
        assert self._shares is not None
        down, across = (
            shares[[place[axis] for place in places]] for axis, shares in enumerate(self._shares)
        )
        return self._xp.asarray(down[:, :, None] * across[:, None])

    def _cover(self, lines: Tuple[PatchLine, ...], part: Span) -> Cover:
        return self._workspace.known((lines, part), lambda: Cover(self._xp, lines, part))

    def _placed(self, used: Cut, rows: Span, cols: Span) -> DeviceArray:
        """Run patches that see a halo, and put their cores side by side."""
        shape = self._channels, len(rows), len(cols)
        canvas = self._workspace.buffer("canvas", shape, np.float32)
        for places, phases in self._results(used):
            index = []
            for axis, origin in ((0, rows.start), (1, cols.start)):
                starts = np.array([self._grid.extent(p, self._halo)[axis].start for p in places])
                cells = starts[:, None] - origin + np.arange(phases.shape[2 + axis])
                index.append(self._xp.asarray(cells))
            target = (slice(None), index[0][:, :, None], index[1][:, None, :])
            canvas[target] = phases.transpose(1, 0, 2, 3)
        return canvas

    @property
    def _channels(self) -> int:
        assert isinstance(self._manifest.scale, int)
        return 3 * self._manifest.scale**2

    def _deliver_map(self, tile: Tile, cut: Cut) -> None:
        """Write the class of every patch to the pixels of its core."""
        assert isinstance(self._manifest.scale, int)
        whole = self._grid.class_map(cut, self._classes, self._manifest.scale)
        self.class_map[tile.rows.slice(), tile.cols.slice()] = whole
