"""What a rung costs on this machine: a straight line through measured times."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Mapping, NamedTuple, Tuple


class Point(NamedTuple):
    """One measured time."""

    cells: int
    """LR pixels of the picture."""
    ms: float
    """Median of the wall time of a frame."""


class BatchTime(NamedTuple):
    """One measured time of an engine."""

    batch: int
    """What it computed of a frame: queries, or LR pixels with their halo."""
    ms: float
    """Median of its part of the wall time of a frame."""


EngineTimes = Mapping[str, Tuple[BatchTime, ...]]
"""What each engine took in the frames of each size, the largest last: of the engines that it
called."""


@dataclass(frozen=True)
class Cost:
    """Milliseconds of a frame by its number of LR pixels.

    The time of a small picture is mostly halos and calls, so it grows more slowly than the
    picture: a line through two sizes is rather too high beyond both, the side to err on.
    """

    small: Point
    large: Point
    """The same as `small` where a larger picture was not measured."""
    date: str
    """When it was measured, ISO 8601 with the offset from UTC."""
    engines: EngineTimes = field(default_factory=dict)
    """Empty where none runs, or they cannot be told apart: on a device."""

    @property
    def is_rough(self) -> bool:
        """Whether only the small picture was measured."""
        return self.small == self.large

    @property
    def constant_ms(self) -> float:
        """Milliseconds that a frame takes whatever its size is."""
        if self.is_rough:
            return 0.0
        slope = (self.large.ms - self.small.ms) / (self.large.cells - self.small.cells)
        # Other work on the machine can make the small picture look as slow as the large one, and
        # all larger ones free; so no more than half of either counts as constant.
        most = min(self.small.ms, self.large.ms) / 2
        return min(max(self.small.ms - slope * self.small.cells, 0.0), most)

    @property
    def ms_per_megapixel(self) -> float:
        """Milliseconds per million LR pixels, beside `constant_ms`."""
        return (self.large.ms - self.constant_ms) / self.large.cells * 1e6

    def milliseconds(self, cells: int) -> float:
        """Predict the time of a frame of so many LR pixels."""
        return self.constant_ms + self.ms_per_megapixel * cells / 1e6
