"""What a decoder hands over, the same for every library."""

from __future__ import annotations

from typing import NamedTuple, Optional, Tuple

from pcsr_edge.runtime.images.planes import Pixels


class Decoded(NamedTuple):
    """The first picture of a file, as it is stored: not yet turned upright."""

    pixels: Pixels
    """uint8 or uint16 (h, w, C): 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha."""
    icc: Optional[bytes] = None
    exif: Optional[bytes] = None
    orientation: Optional[int] = None
    """1…8 where the decoder knows it, None to take it from `exif`."""
    notes: Tuple[str, ...] = ()


CMYK_NOTE = "it was converted from CMYK to RGB, and its ICC profile left out"


def frames_note(frames: int) -> Tuple[str, ...]:
    """Return the note on a file of several pictures."""
    return (f"it holds {frames} pictures; only the first was used",) if frames > 1 else ()
