"""The accuracy gate of engines: whole frames of them against float32 on the processor."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.errors import AccuracyError
from pcsr_edge.export.pictures import make_pairs, photograph
from pcsr_edge.runtime.manifest import Manifest, trained_scale
from pcsr_edge.runtime.quality import luma
from pcsr_edge.runtime.upscaler import Upscaler

Pixels = npt.NDArray[np.uint8]
ALLOWED_DB: Mapping[str, float] = {"fp32": 0.005, "fp16": 0.05, "int8": 0.15}
"""Precision → greatest |change of PSNR| in dB; the same as `verify` allows."""
SCALE = 4
"""For models that have no scale of their own."""
ROWS = 256
"""That are compared at a time: frames may be large, and memory small."""


@dataclass(frozen=True)
class EngineAccuracy:
    """How far the frames of some engines are from those of the processor."""

    psnr_change_db: float
    """Change of PSNR against the truth, of the frame that changes most; negative for a loss."""
    worst_pixel: int
    """Greatest difference of two frames, in 8-bit steps."""
    allowed_db: float

    def to_dict(self) -> Dict[str, Any]:
        """Return plain data for JSON."""
        return dict(vars(self))

    def __str__(self) -> str:
        return (
            f"PSNR {self.psnr_change_db:+.4f} dB from float32 on the CPU (allowed "
            f"{self.allowed_db:g}), worst pixel {self.worst_pixel} of 255"
        )


def photograph_of_size(manifest: Manifest, size: Tuple[int, int]) -> Tuple[Pixels, Pixels]:
    """Return a photograph, degraded and true, mirrored until its LR size (h, w) is reached."""
    scale = trained_scale(manifest) or SCALE
    [pair] = make_pairs([photograph()], scale)
    return _mirrored(pair.lr, size), _mirrored(pair.hr, (size[0] * scale, size[1] * scale))


def _mirrored(image: Pixels, size: Tuple[int, int]) -> Pixels:
    rows, cols = (
        np.pad(np.arange(n), (0, max(0, wanted - n)), mode="symmetric")[:wanted]
        for n, wanted in zip(image.shape, size)
    )
    found: Pixels = image[rows[:, None], cols]
    return found


def settings(manifest: Manifest) -> Iterator[Dict[str, Any]]:
    """Go through arguments of `Upscaler.run`: the defaults, and each class everywhere."""
    yield {}
    if manifest.has_classes:
        for j in range(len(manifest.classes)):
            yield {"force_class": j}


def check_engines(
    judged: Upscaler, reference: Upscaler, precision: str, size: Tuple[int, int]
) -> EngineAccuracy:
    """Run a photograph of a size through both, in every class, and compare the frames.

    Args:
        judged: runs the engines; every frame is one tile.
        reference: float32 on the processor.
        precision: of the engines.
        size: (h, w) of the LR frame.

    Raises:
        AccuracyError: a frame is black all over, or its PSNR changes by more than is allowed.
        EngineError: a frame has NaN or infinity, or an engine failed.
    """
    manifest, allowed = judged.bundle.manifest, ALLOWED_DB[precision]
    lr, hr = photograph_of_size(manifest, size)
    whole = hr.shape[0], hr.shape[1]
    changes: List[float] = []
    worst = 0
    for options in settings(manifest):
        found = judged.run(lr, size=whole, tile="off", **options).image
        expected = reference.run(lr, size=whole, **options).image
        if expected.any() and not found.any():
            raise AccuracyError(f"engines of {manifest.name} give a frame that is black all over")
        truths = (_psnr(image, hr, manifest) for image in (found, expected))
        changes.append(_difference(*truths))
        worst = max(worst, *(_steps(found, expected, part) for part in _parts(hr)))
    accuracy = EngineAccuracy(max(changes, key=abs), worst, allowed)
    if not abs(accuracy.psnr_change_db) <= allowed:
        raise AccuracyError(
            f"engines of {manifest.name}, {precision}: {accuracy}; run it with --precision fp32 or "
            "--device cpu, and remove the engines with: pcsr-edge engines clear"
        )
    return accuracy


def _parts(image: Pixels) -> Iterator[slice]:
    for top in range(0, len(image), ROWS):
        yield slice(top, top + ROWS)


def _steps(one: Pixels, other: Pixels, part: slice) -> int:
    return int(np.abs(one[part].astype(np.int16) - other[part]).max())


def _psnr(image: Pixels, truth: Pixels, manifest: Manifest) -> float:
    total, count = 0.0, 0
    for part in _parts(truth):
        pair = image[part], truth[part]
        # Of what the network makes.
        one, other = map(luma, pair) if manifest.channels == "y" else (p / 1.0 for p in pair)
        total += float(np.square(one - other).sum())
        count += one.size
    return math.inf if total == 0 else 10 * math.log10(255.0**2 * count / total)


def _difference(one: float, other: float) -> float:
    # Infinity minus infinity is not zero.
    return 0.0 if one == other else one - other
