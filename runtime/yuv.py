"""Frames of video as planes: luma, and chroma of half the size in both directions (4:2:0)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.colour import Range
from pcsr_edge.runtime.sampling import Siting


class Yuv(NamedTuple):
    """The planes of one frame, codes as video holds them."""

    y: npt.NDArray[Any]
    """(h, w), uint8 for 8 bits, else uint16."""
    cb: npt.NDArray[Any]
    """(ceil(h/2), ceil(w/2)), of the same dtype."""
    cr: npt.NDArray[Any]
    """Likewise."""


@dataclass(frozen=True)
class YuvFormat:
    """What the codes mean; nothing of it is guessed from them."""

    swing: Range = Range.STUDIO
    """Codes of black and white: STUDIO (`tv`) or FULL (`pc`)."""
    bits: int = 8
    """Depth of the codes, 8 to 16."""
    siting: Siting = Siting.LEFT
    """Where chroma samples lie; most video is LEFT."""


def check_yuv(frame: Yuv, form: YuvFormat) -> None:
    """Make sure that planes fit each other and their format.

    Raises:
        UsageError: they do not.
    """
    if not isinstance(form.bits, int) or not 8 <= form.bits <= 16:
        raise UsageError(f"codes of {form.bits!r} bit are not known; expected 8 to 16")
    dtype = np.dtype(np.uint8 if form.bits == 8 else np.uint16)
    for name, plane in zip(("y", "cb", "cr"), frame):
        if not isinstance(plane, np.ndarray) or plane.ndim != 2 or plane.dtype != dtype:
            what = f"{plane.dtype} {plane.shape}" if isinstance(plane, np.ndarray) else type(plane)
            raise UsageError(
                f"plane {name} is {what}, expected a two-dimensional array of {dtype} for codes "
                f"of {form.bits} bit"
            )
    height, width = frame.y.shape
    if height < 1 or width < 1:
        raise UsageError(f"plane y is {width}x{height}: it holds no pixel")
    half = (height + 1) // 2, (width + 1) // 2
    for name, plane in (("cb", frame.cb), ("cr", frame.cr)):
        if plane.shape != half:
            raise UsageError(
                f"plane {name} is {plane.shape[1]}x{plane.shape[0]}, expected {half[1]}x{half[0]} "
                f"beside luma of {width}x{height} (4:2:0); subsample it first"
            )
