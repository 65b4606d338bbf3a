"""Pictures of a folder, and what is left of them at a scale."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Iterable, List, Tuple

from pcsr_edge.runtime.images import read_picture, to_8_bit
from pcsr_edge.runtime.resample import crop_to_multiple, downscale

Pair = Tuple[Any, Any]
"""HR and LR, uint8 (h, w, 3)."""


def pairs_of(paths: Iterable[Path], scale: int) -> List[Pair]:
    """Read pictures, cut to multiples of the scale, and degrade them (bicubic, MATLAB's way)."""
    hrs = (crop_to_multiple(to_8_bit(read_picture(path).rgb), scale) for path in paths)
    return [(hr, downscale(hr, scale)) for hr in hrs]
