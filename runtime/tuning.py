"""What depends on the machine: measured when a network is loaded.

Nothing here decides a class, or changes a pixel by more than rounding.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Callable, Tuple

import numpy as np

from pcsr_edge.runtime.engine import Array
from pcsr_edge.runtime.geometry import Axis
from pcsr_edge.runtime.network import Features, Network
from pcsr_edge.runtime.pixels import PIXEL
from pcsr_edge.runtime.queries import geometry_table

SIDE = 24
"""Cells along the side of the picture that is made up for measuring."""
BATCHES = (1024, 2048, 4096, 8192, 16384)
"""Queries per call of an upsampler that are tried, until one is slower than the last."""
ROUNDS = 3
"""Each way is timed so often; the least time counts."""
NEVER = 2.0
"""A share that no class reaches."""


@dataclass(frozen=True)
class Tuning:
    """Choices for the upsamplers of one network on one machine, one per class."""

    batch: Tuple[int, ...]
    """At most as many queries go through at a time."""
    every_from: Tuple[float, ...]
    """Share of a band's queries from which all are computed, without gathering."""


def measure(network: Network) -> Tuning:
    """Time the upsamplers of `network`, on this thread; some tens of milliseconds."""
    image = np.random.default_rng(0).random((1, 3, SIDE, SIDE), dtype=np.float32)
    features = network.features(image)
    choices = [_choices(network, features, j) for j in range(network.classes)]
    batches, shares = zip(*choices)
    return Tuning(tuple(batches), tuple(shares))


def _choices(network: Network, features: Features, j: int) -> Tuple[int, float]:
    """Return the best batch, and the share from which computing every query pays."""
    projection = features[f"projection_{j}"]
    scale = network.manifest.scale if isinstance(network.manifest.scale, int) else 1
    axes = Axis(1, scale), Axis(1, scale)
    geometry = geometry_table(axes, axes[0].offsets(0, scale), axes[1].offsets(0, scale))
    best, cost = 0, np.inf
    for batch in BATCHES:
        seconds = _gathering(network, j, projection, geometry, batch)
        if seconds >= cost:
            break
        best, cost = batch, seconds
    if not network.manifest.has_dense_graphs:
        return best, NEVER
    cells = max(1, best // len(geometry))
    part = np.resize(projection, (cells, projection.shape[1]))
    seconds = _least(lambda: network.every_residual(j, part, geometry))
    share = seconds / (cells * len(geometry)) / cost
    return best, round(min(share, NEVER), 3)


def _gathering(network: Network, j: int, projection: Array, geometry: Array, batch: int) -> float:
    """Return seconds per query of upsampler j in batches of `batch`, with moving its pixels."""
    cell = np.linspace(0, len(projection) - 1, batch).astype(np.int32)
    phase = np.arange(batch, dtype=np.int32) % np.int32(len(geometry))
    chosen, pixels = np.arange(0, 2 * batch, 2), np.zeros((2 * batch, 3), dtype=np.float32)

    def work() -> None:
        residual = network.residual(j, projection, cell, phase, geometry)
        residual += pixels.take(chosen, axis=0)
        np.put(pixels.view(PIXEL), chosen, residual.view(PIXEL))

    return _least(work) / batch


def _least(work: Callable[[], object]) -> float:
    """Return the least processor time of a few runs of `work`, in seconds."""
    seconds = []
    for _ in range(ROUNDS + 1):
        # Not the clock on the wall: others may be at work on this machine.
        begin = time.thread_time()
        work()
        seconds.append(time.thread_time() - begin)
    return max(min(seconds[1:]), 1e-9)
