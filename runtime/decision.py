"""How the classes of a frame are decided: by k, by ADM, by a share of work, or by force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Optional, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.assignment import (
    ClassMap,
    DifficultyHistogram,
    assign_by_cost,
    assign_by_difficulty,
    class_costs,
    difficulty,
)
from pcsr_edge.runtime.geometry import Axis, FloatArray
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.pixels import is_flat
from pcsr_edge.runtime.work_share import class_works, thresholds_for_work

Assign = Callable[[FloatArray], ClassMap]
"""From logits (n, M) to classes (n,); arrays of NumPy or of a device."""


@dataclass(frozen=True)
class Decision:
    """What decides, for one frame."""

    manifest: Manifest
    axes: Tuple[Axis, Axis]
    """Vertical and horizontal axis."""
    k: float
    """Cost exponent."""
    adaptive: bool = False
    """ADM in place of k."""
    force_class: Optional[int] = None
    """One class for everything, in place of k."""
    work: Optional[float] = None
    """Mean work of a query, 0 (all light) to 1 (all heavy), in place of k."""

    def lone_class(self, image: npt.NDArray[Any]) -> Optional[int]:
        """Return the class that every query gets; None where each gets its own."""
        light = len(self.manifest.classes) - 1
        if light == 0:
            return 0
        # ADM would cut the small differences between phases, and at the border, into classes.
        if self.adaptive and is_flat(image):
            return light
        if self.work in (0.0, 1.0):
            return 0 if self.work else light
        return self.force_class

    @property
    def scans(self) -> bool:
        """Whether the difficulties of the whole image must be known first."""
        return self.adaptive or self.work is not None

    def assignment(self, histogram: Optional[DifficultyHistogram]) -> Assign:
        """Return how logits become classes.

        Args:
            histogram: of the whole image; given where `scans` says so.
        """
        if histogram is None:
            rows, cols = self.axes
            costs = class_costs(self.manifest, rows.n_hr / rows.n_lr * cols.n_hr / cols.n_lr)
            return lambda logits: assign_by_cost(logits, costs, self.k)
        thresholds = self._thresholds(histogram)
        return lambda logits: assign_by_difficulty(difficulty(logits), list(thresholds))

    def _thresholds(self, histogram: DifficultyHistogram) -> npt.NDArray[np.float32]:
        if self.work is None:
            return histogram.thresholds(len(self.manifest.classes))
        works = class_works([c.flops_per_query for c in self.manifest.classes])
        return np.asarray(thresholds_for_work(histogram.counts, works, self.work))
