"""The grid of blocks over a frame: what a cascade decides on, and what its deep part computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Sequence, Tuple

from pcsr_edge.runtime.geometry import Span


@dataclass(frozen=True)
class BlockLine:
    """One row of blocks, or one column of them, along its axis."""

    cells: Span
    """Cells that it delivers; those of all lines cover the axis once."""
    origin: int
    """First cell of what the deep part computes, `side` cells from there."""


def block_lines(cells: int, side: int) -> List[BlockLine]:
    """Cut an axis of `cells` into blocks from its beginning.

    The last block is computed so that it ends with the axis: what lies beyond the picture
    would otherwise change the cells before it. Axes shorter than a block have one, from 0.
    """
    return [
        BlockLine(Span(start, min(start + side, cells)), max(0, min(start, cells - side)))
        for start in range(0, cells, side)
    ]


@dataclass(frozen=True)
class BlockArea:
    """A rectangle of blocks."""

    rows: Sequence[BlockLine]
    cols: Sequence[BlockLine]

    def cells(self) -> Tuple[Span, Span]:
        """Return rows and columns of the cells that the area delivers."""
        return _covered(self.rows), _covered(self.cols)

    def seen(self, side: int, margin: int, size: Tuple[int, int]) -> Tuple[Span, Span]:
        """Return rows and columns of the cells that the deep part sees of a frame of `size`."""
        rows, cols = (
            Span(lines[0].origin, lines[-1].origin + side) for lines in (self.rows, self.cols)
        )
        return (
            Span(rows.start, min(rows.stop, size[0])).grow(margin, size[0]),
            Span(cols.start, min(cols.stop, size[1])).grow(margin, size[1]),
        )


def _covered(lines: Sequence[BlockLine]) -> Span:
    return Span(lines[0].cells.start, lines[-1].cells.stop)


def cut_into_areas(size: Tuple[int, int], block: int, side: int) -> List[BlockArea]:
    """Cover a frame with areas of about `side` x `side` cells, row by row.

    Args:
        size: (h, w) of the frame in cells.
        block: cells along a block's side.
        side: cells along an area's side; cut down to whole blocks, of which it has at least one,
            where the frame is larger.
    """
    rows, cols = (_runs(block_lines(cells, block), cells, block, side) for cells in size)
    return [BlockArea(some, others) for some in rows for others in cols]


def _runs(lines: List[BlockLine], cells: int, block: int, side: int) -> List[List[BlockLine]]:
    count = len(lines) if side >= cells else max(1, side // block)
    return [lines[first : first + count] for first in range(0, len(lines), count)]


def cut_into_strips(area: BlockArea, count: int) -> List[BlockArea]:
    """Cut an area into at most `count` strips of about equally many rows of blocks."""
    lines = len(area.rows)
    count = min(count, lines)
    edges = [lines * i // count for i in range(count + 1)]
    return [BlockArea(area.rows[a:b], area.cols) for a, b in zip(edges, edges[1:])]
