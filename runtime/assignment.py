"""The class of every query pixel: by the cost exponent k, or by adaptive decision (ADM).

Logits, difficulties and classes may be arrays of NumPy or of a device (`array_module`).
"""

from __future__ import annotations

import threading
from typing import Callable, NamedTuple, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.array_module import array_module, to_host
from pcsr_edge.runtime.manifest import Manifest

ClassMap = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float32]
BINS = 2**16
"""Of a histogram over [0, 1]."""
LEAST_SPREAD = 1e-3
"""Difficulties that differ by less are taken as constant: float16 rounds to about as much."""
ROUNDS = 20
MAX_K = 1e6


def heavy_classes(classes: int) -> int:
    """Return how many of the M classes count as heavy: ⌊(M+1)/2⌋ (PCSR, section 3.4)."""
    return (classes + 1) // 2


class Choice(NamedTuple):
    """How queries get their classes, in two steps: scores can be kept, logits are many."""

    scores: Callable[[FloatArray], FloatArray]
    """From logits (n, M) to what decides, (n, …)."""
    classes: Callable[[FloatArray], ClassMap]
    """From that to classes (n,)."""


def class_costs(manifest: Manifest, queries_per_cell: float) -> npt.NDArray[np.float64]:
    """Return c_j = (F(B) + F(U_j)) / Σ_i (F(B) + F(U_i)) at a fixed LR size: (M,).

    Args:
        manifest: where the FLOPs stand.
        queries_per_cell: scale² (vertical times horizontal scale).
    """
    upsamplers = np.array([c.flops_per_query for c in manifest.classes], dtype=np.float64)
    costs = manifest.backbone_flops_per_cell + upsamplers * queries_per_cell
    return np.asarray(costs / costs.sum())


def assign_by_cost(logits: FloatArray, costs: npt.NDArray[np.float64], k: float) -> ClassMap:
    """Assign argmax_j p_j / c_j^k, computed on logits; ties go to the heavier class.

    Args:
        logits: float32 (n, M) from the classifier.
        costs: (M,) of `class_costs`.
        k: 0 takes the most probable class, larger values the cheaper ones.

    Returns:
        uint8 (n,).
    """
    # Beyond the limit one class has everything anyway, and float32 would overflow.
    bias = (max(-MAX_K, min(k, MAX_K)) * np.log(costs)).astype(np.float32)
    if logits.shape[1] == 2:
        # Far faster than argmax over an axis of two.
        light: ClassMap = (logits[:, 1] - logits[:, 0] > bias[1] - bias[0]).view(np.uint8)
        return light
    xp = array_module(logits)
    classes: ClassMap = xp.argmax(logits - xp.asarray(bias), axis=1).astype(np.uint8)
    return classes


def difficulty(logits: FloatArray) -> FloatArray:
    """Return d = Σ_{j < ⌊(M+1)/2⌋} p_j, the probability of the heavy classes: float32 (n,)."""
    xp = array_module(logits)
    values: FloatArray
    if logits.shape[1] == 2:
        # Far faster than sums over an axis of two; beyond the limit it is 0 anyway.
        values = xp.minimum(logits[:, 1] - logits[:, 0], np.float32(80))
        xp.exp(values, out=values)
        values += np.float32(1)
        xp.reciprocal(values, out=values)
        return values
    shifted = xp.exp(logits - logits.max(axis=1, keepdims=True))
    heavy = shifted[:, : heavy_classes(logits.shape[1])].sum(axis=1)
    values = (heavy / shifted.sum(axis=1)).astype(np.float32, copy=False)
    return values


class DifficultyHistogram:
    """Difficulties of a whole image, 65536 bins over [0, 1]; several threads may add to it.

    Args:
        means: whether `thresholds` will be asked for, which needs more than counts.
    """

    def __init__(self, means: bool = True) -> None:
        self._lock, self._means = threading.Lock(), means
        self.counts = np.zeros(BINS, dtype=np.int64)
        """How many there are in each bin."""
        self._sums = np.zeros(BINS)
        self._low, self._high = np.inf, -np.inf

    def add(self, values: FloatArray) -> None:
        """Count difficulties (n,), each in [0, 1]."""
        if values.size == 0:
            return
        xp = array_module(values)
        bins = xp.minimum((values * np.float32(BINS)).astype(np.intp), BINS - 1)
        counts = to_host(xp.bincount(bins, minlength=BINS))
        with self._lock:
            self.counts += counts
        if self._means:
            sums = to_host(xp.bincount(bins, values, BINS))
            low, high = values.min(), values.max()
            with self._lock:
                self._sums += sums
                self._low = min(self._low, float(low))
                self._high = max(self._high, float(high))

    def thresholds(self, classes: int) -> npt.NDArray[np.float32]:
        """Find the difficulties between the classes by 1-D K-means (PCSR, section 3.4).

        M centroids spread uniformly over [min, max], at most 20 rounds; a centroid without
        members stays where it is.

        Returns:
            float32 (M-1,), descending: class j holds d in (t_j, t_{j-1}]. Difficulties that
            are constant give infinities: the lightest class everywhere.
        """
        if not self._high - self._low > LEAST_SPREAD:
            return np.full(classes - 1, np.inf, dtype=np.float32)
        centroids = np.linspace(self._low, self._high, classes)
        used = np.flatnonzero(self.counts)
        counts, sums = self.counts[used], self._sums[used]
        means = sums / counts
        for _ in range(ROUNDS):
            nearest = np.searchsorted((centroids[1:] + centroids[:-1]) / 2, means)
            weight = np.bincount(nearest, weights=counts, minlength=classes)
            total = np.bincount(nearest, weights=sums, minlength=classes)
            moved = np.where(weight > 0, total / np.maximum(weight, 1), centroids)
            if np.array_equal(moved, centroids):
                break
            centroids = moved
        return ((centroids[1:] + centroids[:-1]) / 2)[::-1].astype(np.float32)


def assign_by_difficulty(values: FloatArray, thresholds: Sequence[float]) -> ClassMap:
    """Assign each difficulty (n,) to its class by descending thresholds (M-1,): uint8 (n,)."""
    out: ClassMap = array_module(values).zeros(values.shape, dtype=np.uint8)
    for threshold in thresholds:
        out += (values <= threshold).view(np.uint8)
    return out


def class_fractions(class_map: ClassMap, classes: int) -> Tuple[float, ...]:
    """Return the share of each of M classes in a class map (H, W); they add up to 1."""
    # In parts: comparing needs as much memory again.
    parts = np.array_split(class_map, class_map.shape[0] // 256 + 1)
    counts = [sum(np.count_nonzero(part == j) for part in parts) for j in range(classes)]
    return tuple(count / class_map.size for count in counts)
