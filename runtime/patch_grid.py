"""Where the patches of a frame lie: overlapping, and each with a core that is its alone."""

from __future__ import annotations

from typing import List, NamedTuple, Sequence, Tuple

import numpy as np

from pcsr_edge.runtime.assignment import ClassMap
from pcsr_edge.runtime.geometry import FloatArray, Span


class PatchLine(NamedTuple):
    """A patch along one axis, in LR pixels of the whole frame."""

    seen: Span
    """What goes through the subnet; it overlaps its neighbours'."""
    core: Span
    """What is nearer to this patch than to another: up to the middle of each overlap."""


Cut = Tuple[Span, Span]
"""Some rows and columns of a grid."""


class PatchGrid(NamedTuple):
    """Every patch of a frame is one row of the grid by one column."""

    rows: Tuple[PatchLine, ...]
    cols: Tuple[PatchLine, ...]

    def extent(self, place: Tuple[int, int], halo: int) -> Tuple[Span, Span]:
        """Return what a patch delivers: all it sees, or its core where it has a halo."""
        row, col = self.rows[place[0]], self.cols[place[1]]
        return (row.core, col.core) if halo else (row.seen, col.seen)

    def cores(self, cut: Cut) -> Tuple[Span, Span]:
        """Return the rows and columns of the frame that the cores of some patches make."""
        rows, cols = (
            Span(lines[part.start].core.start, lines[part.stop - 1].core.stop)
            for lines, part in zip(self, cut)
        )
        return rows, cols

    def class_map(self, cut: Cut, classes: ClassMap, scale: int) -> ClassMap:
        """Return the class of each SR pixel of some patches' cores, uint8 (H, W).

        Args:
            cut: those patches.
            classes: of all patches, uint8 (rows, columns).
            scale: magnification.
        """
        heights, widths = (
            [len(line.core) * scale for line in lines[part.slice()]]
            for lines, part in zip(self, cut)
        )
        chosen = classes[cut[0].slice(), cut[1].slice()]
        return np.asarray(chosen.repeat(heights, axis=0).repeat(widths, axis=1))


def patch_grid(size: Tuple[int, int], patch: int, step: int) -> PatchGrid:
    """Cover a frame of `size` (h, w) LR pixels with patches."""
    return PatchGrid(*(tuple(patch_lines(cells, patch, step)) for cells in size))


def patch_lines(cells: int, patch: int, step: int) -> List[PatchLine]:
    """Cover an axis with patches every `step` cells; the last one ends with the frame.

    ARM leaves out what is beyond the last whole step; here the last patch overlaps more. A
    frame smaller than a patch has one patch, as small as itself.

    Args:
        cells: LR pixels of the axis, from 1.
        patch: of them along a patch, at least `step`.
        step: from one patch to the next.
    """
    length = min(patch, cells)
    starts = list(range(0, cells - length + 1, step))
    if starts[-1] + length < cells:
        starts.append(cells - length)
    edges = [0, *((a + length + b) // 2 for a, b in zip(starts, starts[1:])), cells]
    return [
        PatchLine(Span(start, start + length), Span(low, high))
        for start, low, high in zip(starts, edges, edges[1:])
    ]


def shares(lines: Sequence[PatchLine], overlap: int, blend: str) -> FloatArray:
    """Return how much each patch of an axis counts at each cell it sees.

    A patch counts as much as its share down times its share across; at every cell of the frame
    the shares of all patches add up to 1. By `mean` the patches that see a cell count alike, as
    in ARM. By `ramp` a patch counts for less towards its borders, beyond which its subnet saw
    zeros: with the square of the distance over `overlap` cells, save at the frame's own edges.

    Args:
        lines: all patches of the axis; they are equally long.
        overlap: cells that neighbours have in common, `patch` less `step`.
        blend: `ramp` or `mean`.

    Returns:
        (patches, cells of a patch), above 0 and at most 1.
    """
    length = len(lines[0].seen)
    weights = np.ones((len(lines), length))
    if blend == "ramp":
        inwards = np.minimum((np.arange(length) + 0.5) / max(overlap, 1), 1) ** 2
        weights[1:] *= inwards
        weights[:-1] *= inwards[::-1]
    cells = np.array([line.seen.start for line in lines])[:, None] + np.arange(length)
    total = np.zeros(lines[-1].seen.stop)
    np.add.at(total, cells, weights)
    return np.asarray(weights / total[cells], dtype=np.float32)


def touching(lines: Tuple[PatchLine, ...], part: Span) -> Span:
    """Return the range of patches along an axis that see a cell of `part`."""
    found = [
        index
        for index, line in enumerate(lines)
        if line.seen.start < part.stop and part.start < line.seen.stop
    ]
    return Span(found[0], found[-1] + 1)


def cut_lines(lines: Tuple[PatchLine, ...], side: int) -> List[Span]:
    """Cut an axis into ranges of patches whose cores are at most `side` cells, one at least."""
    parts: List[Span] = []
    start = 0
    for index, line in enumerate(lines):
        if index > start and line.core.stop - lines[start].core.start > side:
            parts.append(Span(start, index))
            start = index
    return [*parts, Span(start, len(lines))]
