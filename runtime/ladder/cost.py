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
    picture: a line through two sizes is too high beyond both, which is the side to err on.
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
    def ms_per_megapixel(self) -> float:
        """Milliseconds per million LR pixels."""
        if self.is_rough:
            return self.small.ms / self.small.cells * 1e6
        return max(
            0.0, (self.large.ms - self.small.ms) / (self.large.cells - self.small.cells) * 1e6
        )

    @property
    def constant_ms(self) -> float:
        """Milliseconds that a frame takes beside `ms_per_megapixel`."""
        if self.is_rough:
            return 0.0
        return max(0.0, self.large.ms - self.ms_per_megapixel * self.large.cells / 1e6)

    def milliseconds(self, cells: int) -> float:
        """Predict the time of a frame of so many LR pixels."""
        return self.constant_ms + self.ms_per_megapixel * cells / 1e6
