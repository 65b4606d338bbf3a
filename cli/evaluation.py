"""Measures models on pictures: PSNR, SSIM, class fractions and FLOPs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.cli.patch_flops import patch_flops
from pcsr_edge.cli.picture_set import Pair, PictureSet
from pcsr_edge.errors import DataError
from pcsr_edge.runtime.quality import Channel, psnr, ssim
from pcsr_edge.runtime.resample import bicubic

if TYPE_CHECKING:
    from pcsr_edge.runtime.manifest import Manifest
    from pcsr_edge.runtime.upscaler import Upscaler

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Candidate:
    """One line of the table: a model at one setting, or bicubic."""

    model: str
    scale: int
    setting: str
    """As the table shows it, e.g. `k=0.5`."""
    upscaler: Optional[Upscaler]
    """None for bicubic."""
    options: Mapping[str, Any]
    """Arguments of `Upscaler.run`."""


@dataclass(frozen=True)
class Work:
    """What a model did for one picture, or the mean over all."""

    fractions: Tuple[float, ...]
    """Share of the query pixels in each class."""
    flops: float
    """FLOPs spent."""
    flops_heavy: float
    """FLOPs if every pixel were heavy and none classified, and no patch had a halo."""


@dataclass(frozen=True)
class Score:
    """What one candidate reached on one picture, or the mean over all."""

    picture: str
    psnr: Mapping[str, float]
    """Channel → dB."""
    ssim: Mapping[str, float]
    """Channel → SSIM."""
    work: Optional[Work]
    """None for bicubic."""


@dataclass(frozen=True)
class Row:
    """One candidate's scores."""

    candidate: Candidate
    mean: Score
    pictures: Tuple[Score, ...]


def evaluate(
    candidates: Sequence[Candidate],
    data: PictureSet,
    channels: Sequence[Channel],
    measured: Callable[[], None],
) -> List[Row]:
    """Measure every candidate on every picture; `measured` is called after each.

    Raises:
        InputError, DataError: a picture cannot be read or measured. None is left out: a mean
            over fewer pictures would compare with nothing.
    """
    scores: List[List[Score]] = [[] for _ in candidates]
    for path in data.pictures:
        pairs: Dict[int, Pair] = {}
        for candidate, found in zip(candidates, scores):
            if candidate.scale not in pairs:
                pairs[candidate.scale] = data.pair(path, candidate.scale)
            found.append(measure(candidate, pairs[candidate.scale], channels))
            measured()
    return [Row(c, mean_score(found), tuple(found)) for c, found in zip(candidates, scores)]


def measure(candidate: Candidate, pair: Pair, channels: Sequence[Channel]) -> Score:
    """Upscale the LR picture and compare with HR.

    Raises:
        DataError: the picture is too small to be measured.
    """
    image, work = _upscaled(candidate, pair)
    shave = candidate.scale
    try:
        return Score(
            pair.name,
            {channel: psnr(image, pair.hr, channel, shave) for channel in channels},
            {channel: ssim(image, pair.hr, channel, shave) for channel in channels},
            work,
        )
    except ValueError as exc:
        raise DataError(f"{pair.name} cannot be measured: {exc}") from exc


def _upscaled(candidate: Candidate, pair: Pair) -> Tuple[Pixels, Optional[Work]]:
    height, width = pair.hr.shape[:2]
    if candidate.upscaler is None:
        return bicubic_8_bit(pair.lr, (height, width)), None
    result = candidate.upscaler.run(pair.lr, size=(height, width), **candidate.options)
    manifest = candidate.upscaler.bundle.manifest
    if not manifest.graph_names():
        return result.image, None
    cells, queries = pair.lr.shape[0] * pair.lr.shape[1], height * width
    classified = candidate.options.get("force_class") is None
    if manifest.by_patch:
        widest = np.zeros_like(result.class_map)
        return result.image, Work(
            result.fractions,
            patch_flops(manifest, result.class_map, bool(candidate.options.get("halo"))),
            patch_flops(manifest, widest, halo=False),
        )
    alone = tuple(float(j == 0) for j in range(len(result.fractions)))
    return result.image, Work(
        result.fractions,
        frame_flops(manifest, cells, queries, result.fractions, classified=classified),
        frame_flops(manifest, cells, queries, alone, classified=False),
    )


def bicubic_8_bit(lr: Pixels, size: Tuple[int, int]) -> Pixels:
    """Enlarge uint8 (h, w, 3) to `size` (H, W) by bicubic, rounded and clipped."""
    scale = (size[0] / lr.shape[0], size[1] / lr.shape[1])
    return np.clip(np.floor(bicubic(lr, size, scale) + 0.5), 0, 255).astype(np.uint8)


def frame_flops(
    manifest: Manifest, cells: int, queries: int, fractions: Sequence[float], *, classified: bool
) -> float:
    """Return the FLOPs of one picture.

    Args:
        manifest: of the model.
        cells: LR pixels.
        queries: SR pixels.
        fractions: share of the queries in each class.
        classified: whether the classifier ran.
    """
    per_query = sum(f * cost.flops_per_query for f, cost in zip(fractions, manifest.classes))
    if classified:
        per_query += manifest.classifier_flops_per_query
    return cells * manifest.backbone_flops_per_cell + queries * per_query


def mean_score(scores: Sequence[Score]) -> Score:
    """Return the mean over pictures, each of the same weight."""
    works = [score.work for score in scores if score.work is not None]
    return Score(
        "mean",
        _mean_map([score.psnr for score in scores]),
        _mean_map([score.ssim for score in scores]),
        _mean_work(works) if works else None,
    )


def _mean_map(maps: Sequence[Mapping[str, float]]) -> Dict[str, float]:
    return {channel: float(np.mean([values[channel] for values in maps])) for channel in maps[0]}


def _mean_work(works: Sequence[Work]) -> Work:
    return Work(
        tuple(float(np.mean(column)) for column in zip(*(work.fractions for work in works))),
        float(np.mean([work.flops for work in works])),
        float(np.mean([work.flops_heavy for work in works])),
    )
