"""Hierarchical equalization sampling (WBSR): patches of all difficulties equally often.

The article (Yu et al., NeurIPS 2024) samples patches uniformly first, so that the network
learns what pictures are like, and then by classes, so that rare hard patches count as much as
easy ones. Difficulty is the mean Sobel magnitude of the LR patch.
"""

from __future__ import annotations

from typing import List, Sequence, Tuple

import numpy as np
import numpy.typing as npt
import torch

from pcsr_edge.train.data import ImagePair, PatchSampler

POOL = 2**15
"""Patches, drawn once and uniformly, that the classes are made of."""
HARDEST = 99.0
"""Percentile of the difficulty at which the last class begins at the latest."""


class BalancedSampler(PatchSampler):
    """Uniform patches in the first steps of a phase, class-balanced ones after them.

    Args:
        pairs: RGB images; those smaller than a patch are left out.
        patch: LR pixels along each side.
        scale: magnification.
        seed: from 0.
        classes: K, equal intervals of difficulty; those without a patch are skipped.
        first: the first balanced step of each phase.

    Raises:
        DataError: no image is as large as a patch.
    """

    def __init__(
        self,
        pairs: Sequence[ImagePair],
        patch: int,
        scale: int,
        seed: int,
        classes: int,
        first: Sequence[int],
    ) -> None:
        super().__init__(pairs, patch, scale, seed)
        self._first = tuple(first)
        rng = np.random.default_rng([seed, POOL])
        images = rng.choice(len(self._pairs), size=POOL, p=self._chance)
        self._pool = [(int(index), self._corner(index, rng)) for index in images]
        self._members = _classes(self._difficulties(), classes)

    def batch(self, count: int, step: int, stream: int = 0) -> Tuple[torch.Tensor, torch.Tensor]:
        """Return LR and HR patches as `PatchSampler.batch` does."""
        if step < self._first[stream]:
            return super().batch(count, step, stream)
        rng = np.random.default_rng([self._seed, stream, step])
        chosen = [self._members[i] for i in rng.integers(len(self._members), size=count)]
        places = [self._pool[int(members[rng.integers(len(members))])] for members in chosen]
        return self._stack([self._crop(index, *corner, rng) for index, corner in places])

    def _difficulties(self) -> npt.NDArray[np.float64]:
        """Return the mean gradient of every patch of the pool."""
        maps = [_summed(gradient(pair.lr)) for pair in self._pairs]
        size = self._patch
        values = []
        for index, (top, left) in self._pool:
            sums = maps[index]
            low, high = sums[top, [left, left + size]], sums[top + size, [left, left + size]]
            values.append((high[1] - high[0] - low[1] + low[0]) / size**2)
        return np.array(values)


def gradient(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """Return the Sobel magnitude of an RGB picture's gray, (h, w), its edge repeated."""
    gray = image.astype(np.float64) @ np.array([0.299, 0.587, 0.114])
    padded = np.pad(gray, 1, mode="edge")
    smooth = padded[:-2] + 2 * padded[1:-1] + padded[2:]
    across = smooth[:, 2:] - smooth[:, :-2]
    smooth = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    down = smooth[2:] - smooth[:-2]
    magnitude: npt.NDArray[np.float64] = np.hypot(across, down)
    return magnitude


def _summed(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return sums over all rectangles from the corner: (h + 1, w + 1)."""
    return np.pad(values.cumsum(0).cumsum(1), ((1, 0), (1, 0)))


def _classes(difficulties: npt.NDArray[np.float64], count: int) -> List[npt.NDArray[np.int64]]:
    """Return the members of each class that has some."""
    top = np.percentile(difficulties, HARDEST)
    edges = np.linspace(difficulties.min(), top, count + 1)[1:-1]
    found = np.digitize(difficulties, edges)
    members = [np.flatnonzero(found == index) for index in range(count)]
    return [each for each in members if len(each)]
