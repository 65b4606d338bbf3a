"""What a decoder hands over, the same for every library."""

from __future__ import annotations

import math
from typing import Any, NamedTuple, Optional, Tuple

from pcsr_edge.runtime.images.planes import Pixels

Dpi = Tuple[float, float]
"""Pixels per inch, across and down."""

_NEARLY = 0.0254 / 2  # half a pixel per metre


class Decoded(NamedTuple):
    """The first picture of a file, as it is stored: not yet turned upright."""

    pixels: Pixels
    """uint8 or uint16 (h, w, C): 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha."""
    icc: Optional[bytes] = None
    exif: Optional[bytes] = None
    orientation: Optional[int] = None
    """1…8 where the decoder knows it, None to take it from `exif`."""
    notes: Tuple[str, ...] = ()
    xmp: Optional[bytes] = None
    dpi: Optional[Dpi] = None
    """As stored, across before the picture is turned upright."""


def dpi_of(across: Any, down: Any, factor: float = 1.0) -> Optional[Dpi]:
    """Return a resolution that a file states, None where it makes no sense.

    PNG counts whole pixels per metre; what is nearly a whole number of pixels per inch was one.
    """
    values = float(across) * factor, float(down) * factor
    if not all(math.isfinite(value) and value > 0 for value in values):
        return None
    near = tuple(round(value) if abs(value - round(value)) < _NEARLY else value for value in values)
    return near[0], near[1]


def cmyk_note(icc: Optional[bytes]) -> str:
    """Return the note on a file of CMYK pixels; its profile `icc` describes no RGB."""
    converted = "it was converted from CMYK to RGB"
    return f"{converted}, and its ICC profile left out" if icc else converted


def frames_note(frames: int) -> Tuple[str, ...]:
    """Return the note on a file of several pictures."""
    return (f"it holds {frames} pictures; only the first was used",) if frames > 1 else ()
