"""Cubic interpolation along one axis: where an output sample lies, and what it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.resample import cubic

MAX_PERIOD = 16
"""Axes whose weights repeat after at most so many outputs are worked off phase by phase."""
MAX_REACH = 32
"""Input samples that the kernel reaches at most; when shrinking further, it is widened no more."""
_QUARTERS = 4


class Siting(Enum):
    """Where the samples of a plane lie: their distance from the picture's edge, in quarters.

    Luma, RGB and planes of 4:4:4 are CENTRE: half a sample from the edge. A chroma sample of
    4:2:0 covers two by two luma samples; CENTRE lies amid them, LEFT amid the left two. When a
    picture is enlarged and its siting kept, output sample I lies at (I + d) / scale - d among
    the input samples, d being the distance: 1/2 is the usual half-pixel rule.
    """

    CENTRE = (2, 2)
    """JPEG, MPEG-1; any plane that is not subsampled."""
    LEFT = (2, 1)
    """MPEG-2, H.264 and H.265, unless they say otherwise."""
    TOP_LEFT = (1, 1)
    """UHD and HDR video (BT.2020, BT.2100)."""

    @property
    def quarters(self) -> Tuple[int, int]:
        """Vertical and horizontal distance in quarters of a sample."""
        return self.value


@dataclass(frozen=True)
class Taps:
    """What some output samples are made of: sum over t of input[indices[:, t]] * weights[:, t]."""

    indices: npt.NDArray[np.int64]
    """(n, taps), consecutive along each row; they may lie outside of the input."""
    weights: npt.NDArray[np.float32]
    """(n, taps); each row adds up to 1."""


@dataclass(frozen=True)
class Sampling:
    """One axis; exact integer arithmetic up to the kernel, so that blocks leave no trace."""

    n_in: int
    """Input samples."""
    n_out: int
    """Output samples."""
    scale: Fraction
    """Magnification; it may differ from n_out / n_in where a size was rounded."""
    quarters: int = 2
    """Distance of the first sample from the edge, see `Siting`."""

    @property
    def period(self) -> int:
        """Outputs after which the weights repeat; 0 where those would be too many."""
        return self.scale.numerator if self.scale.numerator <= MAX_PERIOD else 0

    @property
    def advance(self) -> int:
        """Input samples to go on after a period."""
        return self.scale.denominator

    def taps(self, start: int, stop: int) -> Taps:
        """Return what outputs start…stop-1 are made of.

        Keys' kernel with a = -0.5; when shrinking it is widened, so that detail too fine for the
        result is averaged.
        """
        over, under = self.scale.numerator, self.scale.denominator
        # (output + q/4) * under/over - q/4 as a fraction over 4 * over.
        place = (_QUARTERS * np.arange(start, stop) + self.quarters) * under
        place -= self.quarters * over
        divisor = _QUARTERS * over
        base = place // divisor
        rest = (place - base * divisor) / divisor
        stretch = max(min(1.0, float(self.scale)), 2 / MAX_REACH)
        reach = int(np.ceil(2 / stretch))
        steps = np.arange(1 - reach, reach + 1)
        weights = cubic(stretch * (rest[:, None] - steps))
        weights /= weights.sum(axis=1, keepdims=True)
        return Taps(base[:, None] + steps, weights.astype(np.float32))
