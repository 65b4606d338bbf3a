"""What the upscaler gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Mapping, Optional, Tuple

import numpy.typing as npt

from pcsr_edge.runtime.assignment import ClassMap


@dataclass(frozen=True)
class Result:
    """An upscaled image and how it came about."""

    image: npt.NDArray[Any]
    """RGB (H, W, 3) in the input's dtype and range."""
    class_map: ClassMap
    """uint8 (H, W): the class of every query pixel, 0 = heaviest."""
    fractions: Tuple[float, ...]
    """Share of the query pixels in each class; they add up to 1."""
    times: Dict[str, float]
    """Milliseconds per stage, added up over threads, and `total`, the wall time."""
    tile: int
    """Most LR pixels along a tile's side; 0 where the image was not cut."""
    tiles: int
    """Number of tiles."""
    batches: Mapping[str, int] = field(default_factory=dict)
    """What each engine computed, by its stage in `times`: queries, of networks that see pixels LR
    pixels with their halo. Empty on a device, where stages are not told apart."""
    rung: Optional[str] = None
    """The rung of the ladder that ran, e.g. `plain-m-x4`; None where the model was named."""
