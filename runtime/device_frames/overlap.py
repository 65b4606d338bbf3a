"""Overlapping patches on a device, added up where several see the same cell."""

from __future__ import annotations

from typing import Any, List, Sequence, Tuple

import numpy as np

from pcsr_edge.runtime.device import DeviceArray
from pcsr_edge.runtime.geometry import Span
from pcsr_edge.runtime.patch_grid import PatchLine


class Cover:
    """Which patches see each cell along an axis, in their order.

    Args:
        xp: the device's library.
        lines: of the patches that see a cell of the part.
        part: cells of the frame.
    """

    def __init__(self, xp: Any, lines: Sequence[PatchLine], part: Span) -> None:
        found: List[List[Tuple[int, int]]] = [[] for _ in range(len(part))]
        for number, line in enumerate(lines):
            start, stop = max(line.seen.start, part.start), min(line.seen.stop, part.stop)
            for cell in range(start, stop):
                found[cell - part.start].append((number, cell - line.seen.start))
        depth = max(map(len, found))
        none = (len(lines), 0)
        padded = np.array([[*each, *[none] * (depth - len(each))] for each in found])
        self.patches: List[DeviceArray] = [xp.asarray(each) for each in padded[..., 0].T.copy()]
        """Number of the first patch that sees each cell, of the second, …; int64 (cells,). Where
        there is none, the number of all."""
        self.offsets: List[DeviceArray] = [xp.asarray(each) for each in padded[..., 1].T.copy()]
        """Place of the cell in each of them."""


def added_up(patches: DeviceArray, rows: Cover, cols: Cover) -> DeviceArray:
    """Return the sum of the patches that see each cell: (channels, rows, columns).

    Args:
        patches: (channels, n + 1, m + 1, h, w) of n rows of m patches; what lies behind the last
            row and column is 0.
        rows: of the area.
        cols: likewise.
    """
    # In the order in which frames in host memory add up, so that sums are the same.
    canvas: Any = 0
    for down, above in zip(rows.patches, rows.offsets):
        for across, left in zip(cols.patches, cols.offsets):
            canvas = canvas + patches[:, down[:, None], across, above[:, None], left]
    return canvas
