"""What a rung costs on this machine: a straight line through measured times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Point(NamedTuple):
    """One measured time."""

    cells: int
    """LR pixels of the picture."""
    ms: float
    """Median of the wall time of a frame."""


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
