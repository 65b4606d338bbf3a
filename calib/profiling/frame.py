"""One frame that was timed, and what makes frames."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Dict, Mapping, Optional, Protocol, Tuple

DECODE, ENCODE = "decode", "encode"
"""Stages around the upscaling; every other one is a part of it."""


@dataclass(frozen=True)
class Frame:
    """What one frame took."""

    upscale_ms: float
    """Wall time from pixels to pixels."""
    stages_ms: Mapping[str, float] = field(default_factory=dict)
    """Time of each stage, added up over the threads that worked on it."""
    fractions: Tuple[float, ...] = (1.0,)
    """Share of the output pixels in each class."""
    peak_bytes: Optional[int] = None
    """Most memory that the process held meanwhile; None where the system does not tell."""

    @property
    def total_ms(self) -> float:
        """Wall time with decoding and encoding, which run on one thread."""
        around = (self.stages_ms.get(name, 0.0) for name in (DECODE, ENCODE))
        return self.upscale_ms + sum(around)

    @property
    def inner_ms(self) -> Dict[str, float]:
        """The stages of the upscaling alone."""
        return {n: ms for n, ms in self.stages_ms.items() if n not in (DECODE, ENCODE)}


class Workload(Protocol):
    """Makes the frames of one case; tests bring times of their own."""

    def run(self) -> Frame:
        """Take one picture all the way, and return what it took."""
