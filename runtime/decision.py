"""How the classes of a frame are decided: by k, by ADM, by a share of work, or by force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.assignment import (
    Choice,
    DifficultyHistogram,
    assign_by_cost,
    assign_by_difficulty,
    class_costs,
    difficulty,
)
from pcsr_edge.runtime.geometry import Axis
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.pixels import is_flat
from pcsr_edge.runtime.work_share import class_works, thresholds_for_work


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
    prices: Optional[Tuple[float, ...]] = None
    """What each class costs, in any unit; None counts FLOPs."""

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

    def choice(self, histogram: Optional[DifficultyHistogram] = None, queries: int = 0) -> Choice:
        """Return how logits become classes; arrays of NumPy or of a device.

        Args:
            histogram: difficulties of the image; given where `scans` says so.
            queries: of the image, in the histogram or left out of it as light.
        """
        if histogram is None:
            rows, cols = self.axes
            costs = class_costs(self.manifest, rows.n_hr / rows.n_lr * cols.n_hr / cols.n_lr)
            return Choice(lambda logits: logits, lambda it: assign_by_cost(it, costs, self.k))
        thresholds = list(self._thresholds(histogram, queries))
        return Choice(difficulty, lambda values: assign_by_difficulty(values, thresholds))

    def _thresholds(self, histogram: DifficultyHistogram, queries: int) -> npt.NDArray[np.float32]:
        if self.work is None:
            return histogram.thresholds(len(self.manifest.classes))
        works = class_works(self.prices or [c.flops_per_query for c in self.manifest.classes])
        # What is left out is light: the others may have its part of the work.
        share = self.work * queries / max(1, int(histogram.counts.sum()))
        return thresholds_for_work(histogram.counts, works, min(1.0, share))
