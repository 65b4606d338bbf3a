"""Where query pixels lie along one axis: their cells, their phases, their bilinear neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Tuple

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Axis:
    """`n_hr` query pixels over `n_lr` cells; pixel i of n sits at (2i+1)/n - 1 (LIIF, section 3).

    Everything is exact integer arithmetic up to the last division, so that neither ties nor
    tiles depend on rounding.
    """

    n_lr: int
    """Cells."""
    n_hr: int
    """Query pixels."""

    def cells(self, start: int, stop: int) -> IntArray:
        """Return the nearest cell of queries start…stop-1; of two equally near ones the later."""
        return (2 * np.arange(start, stop) + 1) * self.n_lr // (2 * self.n_hr)

    def offsets(self, start: int, stop: int) -> IntArray:
        """Return rel * n_hr as whole numbers: equal offsets are equal phases."""
        query = np.arange(start, stop)
        return (2 * query + 1) * self.n_lr - (2 * self.cells(start, stop) + 1) * self.n_hr

    def rel(self, offsets: npt.NDArray[Any]) -> FloatArray:
        """Return (coordinate of the query - that of its cell) * n_lr for given offsets."""
        return (offsets / self.n_hr).astype(np.float32)

    @property
    def cell_size(self) -> float:
        """2 / n_hr * n_lr."""
        return 2.0 / self.n_hr * self.n_lr

    def first_query(self, cell: int) -> int:
        """Return the first query whose cell is `cell` or a later one."""
        # cells(q) >= cell  <=>  (2q+1) n_lr >= 2 n_hr cell
        return max(0, -(-(2 * self.n_hr * cell - self.n_lr) // (2 * self.n_lr)))

    def bilinear(self, start: int, stop: int) -> Tuple[IntArray, IntArray, FloatArray]:
        """Return lower and upper neighbour and the upper's weight (half-pixel centres)."""
        # (q + 0.5) n_lr / n_hr - 0.5 as a fraction over 2 n_hr.
        numerator = (2 * np.arange(start, stop) + 1) * self.n_lr - self.n_hr
        numerator = np.maximum(numerator, 0)
        lower = numerator // (2 * self.n_hr)
        weight = (numerator - lower * 2 * self.n_hr) / (2 * self.n_hr)
        return lower, np.minimum(lower + 1, self.n_lr - 1), weight.astype(np.float32)


@dataclass(frozen=True)
class Span:
    """A half-open range of rows or columns."""

    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start

    def grow(self, margin: int, limit: int) -> Span:
        """Widen by `margin` on both sides, staying inside 0…limit."""
        return Span(max(0, self.start - margin), min(limit, self.stop + margin))

    def common(self, other: Span) -> Span:
        """Return what both have in common; empty where that is nothing."""
        start = max(self.start, other.start)
        return Span(start, max(start, min(self.stop, other.stop)))

    def slice(self, origin: int = 0) -> slice:
        """Return the range as a slice of an array that begins at `origin`."""
        return slice(self.start - origin, self.stop - origin)
