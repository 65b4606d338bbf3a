"""Blocks of cells: where they lie in a picture, cut out with a margin and put back."""

from __future__ import annotations

from typing import List, NamedTuple, Sequence

import torch
from torch.nn import functional as F


class Block(NamedTuple):
    """Where the square of cells begins that the deep part works on."""

    row: int
    col: int


def starts(cells: int, side: int) -> List[int]:
    """Return where the blocks along an axis of `cells` begin.

    They lie on a grid from 0, but for the last one: it ends with the picture, and overlaps
    its neighbour, so that what is computed beyond the picture's edge is never looked at. A
    picture smaller than a block has one block, which sticks out.
    """
    return [max(0, min(start, cells - side)) for start in range(0, cells, side)]


def all_blocks(rows: int, cols: int, side: int) -> List[Block]:
    """Return the blocks of a picture of `rows` x `cols` cells, row by row."""
    return [Block(row, col) for row in starts(rows, side) for col in starts(cols, side)]


def gather_blocks(
    cells: torch.Tensor, blocks: Sequence[Block], side: int, margin: int
) -> torch.Tensor:
    """Cut blocks with a margin out of (N, C, h, w); what lies outside the picture is 0.

    Returns:
        (N, blocks, C, side + 2*margin, side + 2*margin).
    """
    rows, cols = cells.shape[2:]
    below, right = max(0, side - rows) + margin, max(0, side - cols) + margin
    padded = F.pad(cells, (margin, right, margin, below))
    size = side + 2 * margin
    return torch.stack(
        [padded[:, :, b.row : b.row + size, b.col : b.col + size] for b in blocks], dim=1
    )


def place_blocks(
    values: torch.Tensor, blocks: Sequence[Block], size: Sequence[int]
) -> torch.Tensor:
    """Put (N, blocks, C, side, side) together to a picture (N, C, h, w) of `size` (h, w).

    Where two overlap, the earlier one stays: the later one delivers the rest of its grid cell.
    """
    rows, cols = size
    out = values.new_zeros((len(values), values.shape[2], rows, cols))
    for index in reversed(range(len(blocks))):
        block, content = blocks[index], values[:, index]
        target = out[:, :, block.row : block.row + values.shape[3], block.col :]
        target = target[:, :, :, : values.shape[4]]
        target.copy_(content[:, :, : target.shape[2], : target.shape[3]])
    return out
