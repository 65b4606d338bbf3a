"""The pixels of a band: bilinear base, and the residual of each query's class."""

from __future__ import annotations

from typing import List, Optional, Tuple

import numpy as np

from pcsr_edge.runtime.assignment import ClassMap
from pcsr_edge.runtime.band import Band, Indices
from pcsr_edge.runtime.geometry import FloatArray
from pcsr_edge.runtime.pixels import PIXEL
from pcsr_edge.runtime.stopwatch import Stopwatch


def upsample(band: Band, classes: ClassMap, count: int, watch: Stopwatch) -> FloatArray:
    """Return base plus residual of every query: float32 (size, 3), in the band's order.

    Args:
        band: the queries.
        classes: uint8 (size,).
        count: M.
        watch: times the stages.
    """
    with watch.stage("residual"):
        values = band.base()
    shares = [int(np.count_nonzero(classes == j)) / band.size for j in range(count)]
    everywhere, residual = _most_common(band, shares)
    gathered: List[Tuple[Indices, FloatArray]] = []
    for j in range(count):
        if j != everywhere and shares[j] > 0:
            with watch.stage("gather"):
                chosen = np.flatnonzero(classes == j)
            pixels = band.residual(j, chosen)
            with watch.stage("scatter"):
                pixels += values.take(chosen, axis=0)
            gathered.append((chosen, pixels))
    with watch.stage("scatter"):
        if residual is not None:
            values += residual
        for chosen, pixels in gathered:
            np.put(values.view(PIXEL), chosen, pixels.view(PIXEL))
    return values


def _most_common(band: Band, shares: List[float]) -> Tuple[int, Optional[FloatArray]]:
    """Compute the most common class for all queries where that is cheaper; else -1 and None."""
    j = int(np.argmax(shares))
    residual = band.every_residual(j) if shares[j] >= band.tuning.every_from[j] else None
    return (-1, None) if residual is None else (j, residual)
