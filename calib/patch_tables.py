"""Tables for patches from samples: ARM's Edge-to-PSNR table and WBSR's gradient map."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, List, Mapping, NamedTuple, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.calib.patch_samples import PatchSamples, Values
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.patch_table import PatchTable, graphs_identity

EDGE_BINS = 30
"""Of the Edge-to-PSNR table (ARM, section 3.3)."""
CATEGORIES = (5, 10, 20, 30, 50, 100)
"""K that the curve of the gradient map is drawn over."""


class Point(NamedTuple):
    """A number of categories, and what it leads to."""

    categories: int
    psnr: float
    """Mean dB of patches."""
    cost: float
    """Mean cost of patches, as a share of the widest subnet's."""


def edge_psnr_table(
    manifest: Manifest,
    samples: PatchSamples,
    costs: Tuple[Sequence[float], str],
    source: Mapping[str, Any],
    bins: int = EDGE_BINS,
) -> PatchTable:
    """Build ARM's table: `bins` between the least and the greatest edge score.

    Args:
        manifest: of the bundle.
        samples: of its patches.
        costs: by class, and what they are.
        source: where the samples come from.
        bins: from 1.
    """
    return _table(manifest, samples, (1.0,), bins, costs, source)


def gradient_map(
    manifest: Manifest,
    samples: PatchSamples,
    costs: Tuple[Sequence[float], str],
    source: Mapping[str, Any],
    categories: int,
) -> PatchTable:
    """Build WBSR's map: K equal intervals along the main direction of the gradient vectors.

    The article projects gradient vectors onto a map and says no more; here the direction is the
    first principal component of the calibration patches, along which they differ most.

    Args:
        manifest: of the bundle.
        samples: of its patches.
        costs: by class, and what they are.
        source: where the samples come from.
        categories: K, from 1.
    """
    return _table(manifest, samples, _main_direction(samples.scores), categories, costs, source)


def category_curve(
    manifest: Manifest,
    samples: PatchSamples,
    costs: Tuple[Sequence[float], str],
    eta: float,
) -> List[Point]:
    """Return PSNR and cost of the gradient map over K.

    Maps are built on half of the patches, and measured on the other half.
    """
    halves = [_part(samples, slice(first, None, 2)) for first in (0, 1)]
    points = []
    for categories in CATEGORIES:
        table = gradient_map(manifest, halves[0], costs, {}, categories)
        classes = table.choices(eta)[table.categories(halves[1].scores)]
        found = halves[1].psnr[np.arange(len(classes)), classes]
        cost = np.asarray(table.costs)[classes]
        points.append(Point(categories, float(found.mean()), float(cost.mean())))
    return points


def _part(samples: PatchSamples, chosen: slice) -> PatchSamples:
    return replace(samples, scores=samples.scores[chosen], psnr=samples.psnr[chosen])


def _main_direction(scores: Values) -> Tuple[float, ...]:
    centred = scores - scores.mean(axis=0)
    axis = np.linalg.svd(centred, full_matrices=False)[2][0]
    if axis.sum() < 0:
        axis = -axis
    return tuple(round(float(value), 9) for value in axis)


def _table(
    manifest: Manifest,
    samples: PatchSamples,
    direction: Tuple[float, ...],
    count: int,
    costs: Tuple[Sequence[float], str],
    source: Mapping[str, Any],
) -> PatchTable:
    difficulty = samples.scores @ np.asarray(direction)
    table = PatchTable(
        method=manifest.method,
        identity=graphs_identity(manifest),
        direction=direction,
        low=float(difficulty.min()),
        high=float(difficulty.max()),
        psnr=((0.0,),) * count,
        counts=(0,) * count,
        costs=tuple(round(float(cost), 6) for cost in costs[0]),
        costs_of=costs[1],
        source=source,
    )
    members = table.categories(samples.scores)
    counts = np.bincount(members, minlength=count)
    means = _means(members, samples.psnr, counts)
    psnr = tuple(tuple(round(float(value), 4) for value in row) for row in means)
    return replace(table, psnr=psnr, counts=tuple(int(number) for number in counts))


def _means(members: npt.NDArray[np.int64], psnr: Values, counts: npt.NDArray[np.int64]) -> Values:
    """Return the mean PSNR of each category; an empty one has that of the nearest other."""
    sums = np.zeros((len(counts), psnr.shape[1]))
    np.add.at(sums, members, psnr)
    used = np.flatnonzero(counts)
    means = sums[used] / counts[used, None]
    nearest = np.abs(np.arange(len(counts))[:, None] - used).argmin(axis=1)
    return np.asarray(means[nearest])
