"""Which rows of a frame are classified where there is little work to give."""

from __future__ import annotations

from typing import Any, List, Sequence, Tuple

import numpy.typing as npt

from pcsr_edge.runtime.buckets import QUERY_BUCKETS
from pcsr_edge.runtime.geometry import Axis, Span
from pcsr_edge.runtime.tiling import Tile
from pcsr_edge.runtime.work_share import busiest, sorted_share

Spans = List[Span]


def busy_rows(
    image: npt.NDArray[Any], axes: Tuple[Axis, Axis], tiles: Sequence[Tile], work: float
) -> List[Spans]:
    """Return the SR rows of each tile that may get heavy classes; all others are light.

    As in host memory, where less than `SORTED_FROM` of the work is to be given, in bands of about
    as many queries as the smallest batch.

    Args:
        image: RGB (h, w, 3), in host memory.
        axes: vertical and horizontal axis.
        tiles: of the frame.
        work: mean work of a query, above 0, to 1.

    Returns:
        Spans within the outer rows of each tile, ascending and apart.
    """
    share = sorted_share(work)
    if share == 1:
        return [[tile.outer_rows] for tile in tiles]
    bands = [(index, rows) for index, tile in enumerate(tiles) for rows in _bands(tile)]
    cells = [
        (_cells(axes[0], rows), _cells(axes[1], tiles[index].outer_cols)) for index, rows in bands
    ]
    kept = busiest([image[block] for block in cells], share)
    found: List[Spans] = [[] for _ in tiles]
    for number in sorted(kept):
        index, rows = bands[number]
        last = found[index][-1:]
        if last and last[0].stop == rows.start:
            # Neighbours are worked on together.
            found[index][-1] = Span(last[0].start, rows.stop)
        else:
            found[index].append(rows)
    return found


def _bands(tile: Tile) -> Spans:
    rows, height = tile.outer_rows, max(1, QUERY_BUCKETS[0] // len(tile.outer_cols))
    starts = range(rows.start, rows.stop, height)
    return [Span(start, min(start + height, rows.stop)) for start in starts]


def _cells(axis: Axis, queries: Span) -> slice:
    """Return the LR rows or columns under SR ones."""
    first, last = axis.cells(queries.start, queries.stop)[[0, -1]]
    return slice(int(first), int(last) + 1)
