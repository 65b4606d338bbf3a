"""Tiles of a frame: disjoint cores, with the margins that make each one exact."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import Callable, List, Tuple, Union

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.geometry import Axis, Span

TileOption = Union[None, int, str]
"""`auto` or 0, `off` or None, or the number of LR pixels along a tile's side."""

STEP = 32
"""Automatic sizes are multiples of it, and below it halves."""


@dataclass(frozen=True)
class Tile:
    """One tile; all ranges are in the coordinates of the whole frame."""

    rows: Span
    """SR rows that this tile delivers."""
    cols: Span
    """SR columns that this tile delivers."""
    outer_rows: Span
    """`rows` and one more on each side, as refinement needs; clipped to the frame."""
    outer_cols: Span
    """`cols` and one more on each side."""
    window_rows: Span
    """LR rows that the backbone sees: cells of the outer rows and the halo."""
    window_cols: Span
    """LR columns that the backbone sees."""


def _spans(axis: Axis, side: int) -> List[Tuple[Span, Span]]:
    """Cut an axis into (LR cells, SR queries) ranges; ranges without queries are left out."""
    spans = []
    for start in range(0, axis.n_lr, side):
        stop = min(start + side, axis.n_lr)
        last = axis.n_hr if stop == axis.n_lr else axis.first_query(stop)
        queries = Span(axis.first_query(start), last)
        if len(queries) > 0:
            spans.append((Span(start, stop), queries))
    return spans


def _window(axis: Axis, outer: Span, halo: int) -> Span:
    cells = axis.cells(outer.start, outer.stop)
    # Bilinear upsampling looks one cell further than the cell itself.
    return Span(int(cells[0]), int(cells[-1]) + 1).grow(max(halo, 1), axis.n_lr)


def plan_tiles(axes: Tuple[Axis, Axis], side: int, halo: int) -> List[Tile]:
    """Cover a frame with tiles of `side` x `side` cells, row by row.

    Args:
        axes: vertical and horizontal axis.
        side: LR pixels along a tile's core.
        halo: the model's receptive radius in LR pixels.
    """
    return [
        _tile(axes, rows, cols, halo)
        for _, rows in _spans(axes[0], side)
        for _, cols in _spans(axes[1], side)
    ]


def _tile(axes: Tuple[Axis, Axis], rows: Span, cols: Span, halo: int) -> Tile:
    outer_rows, outer_cols = rows.grow(1, axes[0].n_hr), cols.grow(1, axes[1].n_hr)
    windows = _window(axes[0], outer_rows, halo), _window(axes[1], outer_cols, halo)
    return Tile(rows, cols, outer_rows, outer_cols, *windows)


def cut_into_strips(tile: Tile, axes: Tuple[Axis, Axis], halo: int, count: int) -> List[Tile]:
    """Cut a tile into at most `count` strips of rows, each with a halo of its own.

    Strips are about equally tall and no lower than the halo, where that is possible: lower ones
    would mostly compute their halos.

    Args:
        tile: of `plan_tiles`.
        axes: vertical and horizontal axis.
        halo: the model's receptive radius in LR pixels.
        count: of strips, from 1.
    """
    cells = axes[0].cells(tile.rows.start, tile.rows.stop)
    first, height = int(cells[0]), int(cells[-1]) + 1 - int(cells[0])
    count = max(1, min(count, height // max(halo, 1)))
    edges = [axes[0].first_query(first + height * i // count) for i in range(1, count)]
    edges = [tile.rows.start, *edges, tile.rows.stop]
    spans = (Span(start, stop) for start, stop in zip(edges, edges[1:]))
    return [_tile(axes, rows, tile.cols, halo) for rows in spans if len(rows) > 0]


def tile_side(
    option: TileOption,
    axes: Tuple[Axis, Axis],
    halo: int,
    tile_bytes: Callable[[int], int],
    memory_limit: float,
) -> int:
    """Turn a tile option into a side; the whole frame where it is off or fits into memory.

    Args:
        option: what the user asked for.
        axes: vertical and horizontal axis.
        halo: the model's receptive radius in LR pixels.
        tile_bytes: from a side to the bytes that such a tile takes.
        memory_limit: bytes that one tile may take; the smallest automatic side is taken where
            none takes so little.

    Raises:
        UsageError: not a tile option, or smaller than the halo.
    """
    whole = max(axes[0].n_lr, axes[1].n_lr)
    if option is None or option == "off":
        return whole
    if option == "auto":
        return _automatic_side(whole, max(halo, 1), tile_bytes, memory_limit)
    if isinstance(option, bool) or not isinstance(option, Integral) or option < 0:
        raise UsageError(
            f"tile {option!r} is not valid; expected auto, off or a number of LR pixels"
        )
    if option == 0:
        return _automatic_side(whole, max(halo, 1), tile_bytes, memory_limit)
    if option < max(halo, 1):
        raise UsageError(
            f"tile {option} is smaller than the model's halo of {halo} LR pixels; "
            f"use at least {max(halo, 1)}, better several times as much, or auto"
        )
    return min(int(option), whole)


def _automatic_side(
    whole: int, smallest: int, tile_bytes: Callable[[int], int], memory_limit: float
) -> int:
    sides: List[int] = [whole, *range((whole - 1) // STEP * STEP, 0, -STEP)]
    for side in (*sides, STEP // 2, STEP // 4):
        if smallest <= side <= whole and tile_bytes(side) <= memory_limit:
            return side
    return min(smallest, whole)
