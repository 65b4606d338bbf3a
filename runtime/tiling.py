"""Tiles of a frame: disjoint cores, with the margins that make each one exact."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import Callable, List, Tuple, Union

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.geometry import Axis, Span

TileOption = Union[None, int, str]
"""`auto` or 0, `off` or None, or the most LR pixels along a tile's side."""


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


def even_part(cells: int, side: int) -> int:
    """Return the most cells of a part where an axis is cut evenly into parts of at most `side`."""
    parts = -(-cells // side)
    return -(-cells // parts)


def _spans(axis: Axis, side: int) -> List[Tuple[Span, Span]]:
    """Cut an axis into (LR cells, SR queries) ranges; ranges without queries are left out.

    They are about equally long: a narrow rest would mostly compute its halo.
    """
    parts = -(-axis.n_lr // side)
    edges = [axis.n_lr * i // parts for i in range(parts + 1)]
    spans = []
    for start, stop in zip(edges, edges[1:]):
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
    """Cover a frame evenly with tiles of at most `side` x `side` cells, row by row.

    Args:
        axes: vertical and horizontal axis.
        side: most LR pixels along a tile's core.
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
        return _automatic_side(axes, halo, tile_bytes, memory_limit)
    if isinstance(option, bool) or not isinstance(option, Integral) or option < 0:
        raise UsageError(
            f"tile {option!r} is not valid; expected auto, off or a number of LR pixels"
        )
    if option == 0:
        return _automatic_side(axes, halo, tile_bytes, memory_limit)
    if option < max(halo, 1):
        raise UsageError(
            f"tile {option} is smaller than the model's halo of {halo} LR pixels; "
            f"use at least {max(halo, 1)}, better several times as much, or auto"
        )
    return min(int(option), whole)


def least_side(axes: Tuple[Axis, Axis], halo: int) -> int:
    """Return the least automatic side, taken where no memory is enough."""
    return min(max(halo, 1), max(axis.n_lr for axis in axes))


def _automatic_side(
    axes: Tuple[Axis, Axis],
    halo: int,
    tile_bytes: Callable[[int], int],
    memory_limit: float,
) -> int:
    smallest = max(halo, 1)
    # Between these sides the cuts are the same.
    sides = {
        -(-axis.n_lr // parts)
        for axis in axes
        for parts in range(1, max(1, axis.n_lr // smallest) + 1)
    }
    for side in sorted(sides, reverse=True):
        if side >= smallest and tile_bytes(side) <= memory_limit:
            return side
    return least_side(axes, halo)
