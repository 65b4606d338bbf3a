"""Measures models on pictures: PSNR, SSIM, class fractions and FLOPs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.errors import DataError
from pcsr_edge.runtime.quality import Channel, psnr, ssim
from pcsr_edge.runtime.resample import bicubic, crop_to_multiple, downscale

if TYPE_CHECKING:
    from pcsr_edge.runtime.manifest import Manifest
    from pcsr_edge.runtime.upscaler import Upscaler

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Pair:
    """One picture of the test set, RGB uint8."""

    name: str
    hr: Pixels
    """(H, W, 3), cropped to a multiple of the scale."""
    lr: Pixels
    """(H / scale, W / scale, 3)."""


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
class Score:
    """What one candidate reached on one picture, or the mean over all."""

    picture: str
    psnr: Mapping[str, float]
    """Channel → dB."""
    ssim: Mapping[str, float]
    """Channel → SSIM."""
    fractions: Optional[Tuple[float, ...]]
    """Share of each class; None for bicubic."""
    flops: Optional[float]
    """FLOPs spent; None for bicubic."""
    flops_heavy: Optional[float]
    """FLOPs if every pixel were heavy and none classified."""

    @property
    def flops_share(self) -> Optional[float]:
        """FLOPs relative to all pixels heavy."""
        if self.flops is None or self.flops_heavy is None:
            return None
        return self.flops / self.flops_heavy


def make_pair(name: str, hr: Pixels, lr: Optional[Pixels], scale: int) -> Pair:
    """Crop HR to the LR's size times `scale`, or make the LR.

    Raises:
        DataError: HR is smaller than that.
    """
    if lr is None:
        cropped = crop_to_multiple(hr, scale)
        if 0 in cropped.shape:
            raise DataError(f"{name} has {_size(hr)} pixels, too few for scale {scale}")
        return Pair(name, cropped, downscale(cropped, scale))
    height, width = lr.shape[0] * scale, lr.shape[1] * scale
    if not (height <= hr.shape[0] < height + scale and width <= hr.shape[1] < width + scale):
        raise DataError(
            f"{name}: HR {_size(hr)} and LR {_size(lr)} do not belong together at scale {scale}"
        )
    return Pair(name, hr[:height, :width], lr)


def _size(image: Pixels) -> str:
    return f"{image.shape[1]}x{image.shape[0]}"


def measure(candidate: Candidate, pair: Pair, channels: Sequence[Channel]) -> Score:
    """Upscale the LR picture and compare with HR.

    Raises:
        DataError: the picture is too small to be measured.
    """
    fractions, flops, heavy = None, None, None
    if candidate.upscaler is None:
        image = _bicubic(pair, candidate.scale)
    else:
        result = candidate.upscaler.run(pair.lr, size=pair.hr.shape[:2], **candidate.options)
        image, fractions = result.image, result.fractions
        manifest = candidate.upscaler.bundle.manifest
        classified = candidate.options.get("force_class") is None
        flops = frame_flops(manifest, pair.lr.size // 3, pair.hr.size // 3, fractions, classified)
        alone = tuple(float(j == 0) for j in range(len(fractions)))
        heavy = frame_flops(manifest, pair.lr.size // 3, pair.hr.size // 3, alone, False)
    try:
        return Score(
            pair.name,
            {c: psnr(image, pair.hr, c, candidate.scale) for c in channels},
            {c: ssim(image, pair.hr, c, candidate.scale) for c in channels},
            fractions,
            flops,
            heavy,
        )
    except ValueError as exc:
        raise DataError(f"{pair.name} cannot be measured: {exc}") from exc


def _bicubic(pair: Pair, scale: int) -> Pixels:
    height, width = pair.hr.shape[:2]
    values = bicubic(pair.lr, (height, width), (float(scale), float(scale)))
    return np.clip(np.floor(values + 0.5), 0, 255).astype(np.uint8)


def frame_flops(
    manifest: Manifest, cells: int, queries: int, fractions: Sequence[float], classified: bool
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


def mean_score(scores: List[Score]) -> Score:
    """Return the mean over pictures; FLOPs are means per picture."""
    first = scores[0]
    fractions = None
    if first.fractions is not None:
        columns = zip(*(score.fractions or () for score in scores))
        fractions = tuple(float(np.mean(column)) for column in columns)
    return Score(
        "mean",
        _mean_map([score.psnr for score in scores]),
        _mean_map([score.ssim for score in scores]),
        fractions,
        _mean_or_none([score.flops for score in scores]),
        _mean_or_none([score.flops_heavy for score in scores]),
    )


def _mean_map(maps: List[Mapping[str, float]]) -> Dict[str, float]:
    return {channel: float(np.mean([values[channel] for values in maps])) for channel in maps[0]}


def _mean_or_none(values: List[Optional[float]]) -> Optional[float]:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
