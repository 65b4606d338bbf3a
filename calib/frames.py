"""Whole frames of two sides: classes and pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Optional

import numpy as np
import numpy.typing as npt

from pcsr_edge.export.pictures import Pair
from pcsr_edge.runtime.assignment import ClassMap
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.quality import Channel, psnr, psnr_change
from pcsr_edge.runtime.result import Result

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class PictureResult:
    """What two sides made of one picture, at the model's defaults."""

    picture: str
    """Its name."""
    psnr_db: float
    """PSNR of the judged frame against the truth; NaN where there is none."""
    reference_psnr_db: float
    """The same of the reference."""
    worst_pixel: int
    """Greatest difference of the two frames, in 8-bit steps."""
    worst_of_same_class: int
    """The same where both gave a pixel and its neighbours the same class."""
    class_agreement: float
    """Share of pixels that got the same class."""
    problem: Optional[str] = None
    """Why the judged frame is none: NaN, all black; else None."""

    @property
    def psnr_change(self) -> float:
        """Judged PSNR minus that of the reference, in dB; 0 for two perfect frames."""
        return psnr_change(self.psnr_db, self.reference_psnr_db)


def frame_channel(manifest: Manifest) -> Channel:
    """Return the channel on which frames of a model are measured: what its network makes."""
    return "y" if manifest.channels == "y" else "rgb"


def compare_frames(
    pair: Pair, frame: Result, reference: Result, scale: int, channel: Channel
) -> PictureResult:
    """Compare two frames of `pair.lr` with each other and with `pair.hr`."""
    black = not frame.image.any() and bool(reference.image.any())
    differences = np.abs(frame.image.astype(np.int16) - reference.image).max(axis=2)
    same = _same_around(frame.class_map, reference.class_map)
    return PictureResult(
        pair.name,
        psnr(frame.image, pair.hr, channel, scale),
        psnr(reference.image, pair.hr, channel, scale),
        int(differences.max()),
        int(differences.max(initial=0, where=same)),
        float((frame.class_map == reference.class_map).mean()),
        "the frame is black all over" if black else None,
    )


def no_frame(
    pair: Pair, reference: Result, scale: int, channel: Channel, why: str
) -> PictureResult:
    """Return the result of a picture that the judged side failed on."""
    truth = psnr(reference.image, pair.hr, channel, scale)
    return PictureResult(pair.name, math.nan, truth, 255, 255, 0.0, why)


def _same_around(one: ClassMap, other: ClassMap) -> npt.NDArray[np.bool_]:
    """Tell of each pixel whether it and its neighbours have the same class in both maps."""
    # Refinement looks at neighbours.
    same = np.pad(one == other, 1, constant_values=True)
    rows = same[:-2] & same[1:-1] & same[2:]
    return np.asarray(rows[:, :-2] & rows[:, 1:-1] & rows[:, 2:])
