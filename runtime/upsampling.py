"""The pixels of a band: bilinear base, and the residual of each query's class."""

from __future__ import annotations

from typing import List, Tuple

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
    everywhere = _most_common(band, shares)
    gathered: List[Tuple[Indices, FloatArray]] = []
    for j in range(count):
        if j != everywhere and shares[j] > 0:
            with watch.stage("gather"):
                chosen = np.flatnonzero(classes == j)
            pixels = band.residual(j, chosen)
            with watch.stage("scatter"):
                pixels += values.take(chosen, axis=0)
            gathered.append((chosen, pixels))
    if everywhere >= 0:
        band.add_to_all(everywhere, values)
    with watch.stage("scatter"):
        for chosen, pixels in gathered:
            np.put(values.view(PIXEL), chosen, pixels.view(PIXEL))
    return values


def _most_common(band: Band, shares: List[float]) -> int:
    """Return the most common class where computing it for all queries is cheaper; else -1."""
    j = int(np.argmax(shares))
    return j if band.takes_all and shares[j] >= band.tuning.every_from[j] else -1
