"""Windows of one size for all tiles of a frame, so that engines meet one shape."""

from __future__ import annotations

from dataclasses import replace
from typing import List, Sequence, Tuple

from pcsr_edge.runtime.geometry import Span
from pcsr_edge.runtime.tiling import Tile


def same_windows(tiles: Sequence[Tile], size: Tuple[int, int]) -> List[Tile]:
    """Let the smaller windows of a frame's tiles grow inwards, to the size of the largest.

    What a network sees beyond its halo changes nothing; windows that end with the picture still do.

    Args:
        tiles: of one frame.
        size: (h, w) of the frame in LR pixels.
    """
    height = max(len(tile.window_rows) for tile in tiles)
    width = max(len(tile.window_cols) for tile in tiles)
    return [
        replace(
            tile,
            window_rows=_grown(tile.window_rows, height, size[0]),
            window_cols=_grown(tile.window_cols, width, size[1]),
        )
        for tile in tiles
    ]


def _grown(span: Span, length: int, limit: int) -> Span:
    start = min(span.start, limit - length)
    return Span(start, start + length)
