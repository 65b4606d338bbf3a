"""Tables for patches from samples: ARM's Edge-to-PSNR table and WBSR's gradient map."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, List, Mapping, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.calib.patch_samples import PatchSamples, Values
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.patch_choice import LEAST_ERROR
from pcsr_edge.runtime.patch_table import CurvePoint, PatchTable, graphs_identity

EDGE_BINS = 30
"""Of the Edge-to-PSNR table (ARM, section 3.3)."""
CATEGORIES = (5, 10, 20, 30, 50, 100)
"""K that the curve of the gradient map is drawn over."""


LEAST_PATCHES = 10
"""That a category's errors are the mean of; where it has fewer, its neighbours' count as well."""
PICTURE, ARTICLE = "picture", "article"
"""Rules: eta weighs the PSNR of a picture, or as in the articles the mean of its patches'."""


def edge_psnr_table(
    manifest: Manifest,
    samples: PatchSamples,
    costs: Tuple[Sequence[float], str],
    source: Mapping[str, Any],
    bins: int = EDGE_BINS,
    rule: str = PICTURE,
) -> PatchTable:
    """Build ARM's table: `bins` between the least and the greatest edge score.

    Args:
        manifest: of the bundle.
        samples: of its patches.
        costs: by class, and what they are.
        source: where the samples come from.
        bins: from 1.
        rule: `PICTURE` or `ARTICLE`, by which patches will get their classes.
    """
    return _table(manifest, samples, (1.0,), bins, costs, source, rule)


def gradient_map(
    manifest: Manifest,
    samples: PatchSamples,
    costs: Tuple[Sequence[float], str],
    source: Mapping[str, Any],
    categories: int,
    rule: str = PICTURE,
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
        rule: see `edge_psnr_table`.
    """
    direction = _main_direction(samples.scores)
    return _table(manifest, samples, direction, categories, costs, source, rule)


def category_curve(
    manifest: Manifest,
    samples: PatchSamples,
    costs: Tuple[Sequence[float], str],
    eta: float,
    rule: str = PICTURE,
) -> Tuple[CurvePoint, ...]:
    """Return PSNR and cost of the gradient map over K.

    Maps are built on every other patch, and measured on those between them; of one patch alone
    there is no curve.
    """
    if len(samples.scores) < 2:
        return ()
    halves = [_part(samples, slice(first, None, 2)) for first in (0, 1)]
    points = []
    for categories in CATEGORIES:
        table = gradient_map(manifest, halves[0], costs, {}, categories, rule)
        cost, psnr = reached(table, halves[1], eta)
        points.append(CurvePoint(eta, categories, round(psnr, 4), round(cost, 6)))
    return tuple(points)


def reached(table: PatchTable, samples: PatchSamples, eta: float) -> Tuple[float, float]:
    """Return mean cost and mean PSNR in dB of the samples' pictures with a table's choices.

    A picture's PSNR is that of the mean error of its patches' cores: the seams, where patches
    are averaged, are not looked at.
    """
    categories = table.categories(samples.scores)
    costs: List[float] = []
    decibels: List[float] = []
    for number in np.unique(samples.picture):
        own = samples.picture == number
        counts = np.bincount(categories[own], minlength=len(table.psnr))
        classes = table.choices(eta, counts)[categories[own]]
        error = samples.errors[own][np.arange(len(classes)), classes].mean()
        costs.append(float(np.asarray(table.costs)[classes].mean()))
        decibels.append(float(10 * np.log10(255**2 / max(error, LEAST_ERROR))))
    return float(np.mean(costs)), float(np.mean(decibels))


def _part(samples: PatchSamples, chosen: slice) -> PatchSamples:
    names = ("scores", "psnr", "errors", "picture")
    return replace(samples, **{name: getattr(samples, name)[chosen] for name in names})


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
    rule: str,
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
    return replace(
        table,
        psnr=_rows(_means(members, samples.psnr, counts)),
        errors=_rows(_means(members, samples.errors, counts, LEAST_PATCHES))
        if rule == PICTURE
        else (),
        counts=tuple(int(number) for number in counts),
    )


def _rows(means: Values) -> Tuple[Tuple[float, ...], ...]:
    return tuple(tuple(round(float(value), 4) for value in row) for row in means)


def _means(
    members: npt.NDArray[np.int64],
    values: Values,
    counts: npt.NDArray[np.int64],
    least: int = 1,
) -> Values:
    """Return the mean of each category, by class, and of as many around it as hold `least`."""
    sums = np.zeros((len(counts), values.shape[1]))
    np.add.at(sums, members, values)
    spans = [_span(counts, index, min(least, len(members))) for index in range(len(counts))]
    return np.stack([sums[span].sum(axis=0) / counts[span].sum() for span in spans])


def _span(counts: npt.NDArray[np.int64], index: int, least: int) -> slice:
    """Return the fewest categories around one that hold `least` patches, as many on each side."""
    reach = 0
    while True:
        span = slice(max(0, index - reach), index + reach + 1)
        if counts[span].sum() >= least:
            return span
        reach += 1
