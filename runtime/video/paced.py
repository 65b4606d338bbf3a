"""An upscaler that keeps a frame rate: it spends on each frame what there is time for."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, Callable, List, Optional, Sequence, Tuple

import numpy.typing as npt

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.upscaler import Result, Upscaler
from pcsr_edge.runtime.video.pace import GearModel, Pace

TOO_SLOW = 2.0
"""Gears that take so many budgets at their least work are not considered."""


class PacedUpscaler(Upscaler):
    """Runs frames of one size within a time budget, as far as its gears can.

    The first frame measures the gears, fastest first, and so takes several times the budget.

    Args:
        budget_ms: milliseconds for a frame.
        gears: load the upscalers, best first; the last is the fastest.

    Raises:
        UsageError: the budget is not positive, or there is no gear.
    """

    def __init__(self, budget_ms: float, gears: Sequence[Callable[[], Upscaler]]) -> None:
        if not budget_ms > 0 or not gears:
            raise UsageError(f"a budget of {budget_ms} ms cannot be kept; expected more than 0")
        self.budget_ms = budget_ms
        self._load = list(gears)
        self._gears: List[Upscaler] = [self._load[-1]()]
        self._size: Optional[Tuple[int, ...]] = None
        self._reported = False
        self.pace: Optional[Pace] = None
        """None before the first frame."""
        first = self._gears[0]
        self.bundle, self.backend_name = first.bundle, first.backend_name
        self.threads = first.threads

    @property
    def names(self) -> List[str]:
        """Models of the gears that are considered, best first."""
        return [gear.bundle.name for gear in self._gears]

    def run(self, image: npt.NDArray[Any], **options: Any) -> Result:
        """Upscale one frame, in the present gear; see `Upscaler.run`.

        Tell by `observe` what the whole frame took.
        """
        pace = self.pace
        if pace is None or self._size != image.shape:
            pace = self.pace = self._measured(image, options)
            self._size = image.shape
        gear = self._gears[pace.gear]
        self.bundle, self.backend_name = gear.bundle, gear.backend_name
        own = dict(options)
        if gear.bundle.manifest.has_classes:
            own.update(work=pace.work)
        result = gear.run(image, **own)
        return replace(result, rung=self.label)

    @property
    def label(self) -> str:
        """The present gear and its work, for people."""
        if self.pace is None:
            return f"measuring for {self.budget_ms:g} ms"
        gear = self._gears[self.pace.gear]
        classes = gear.bundle.manifest.has_classes
        share = f" {100 * self.pace.work:.0f}% heavy" if classes else ""
        return f"{gear.bundle.name}{share}"

    def observe(self, ms: float) -> None:
        """Tell what a frame took; the one that measured the gears does not count."""
        if self.pace is None:
            return
        if not self._reported:
            self._reported = True
            return
        self.pace.observe(ms)
        self.bundle = self._gears[self.pace.gear].bundle

    def cancel(self) -> None:
        """Make a run under way fail soon; see `Upscaler.cancel`."""
        for gear in self._gears:
            gear.cancel()

    def close(self) -> None:
        """Release every gear."""
        for gear in self._gears:
            gear.close()

    def _measured(self, image: npt.NDArray[Any], options: Any) -> Pace:
        models = [_gear_model(self._gears[-1], image, options)]
        for load in reversed(self._load[: len(self._load) - len(self._gears)]):
            gear = load()
            model = _gear_model(gear, image, options)
            if model.light_ms > TOO_SLOW * self.budget_ms:
                gear.close()
                break
            self._gears.insert(0, gear)
            models.insert(0, model)
        return Pace(self.budget_ms, models)


def _gear_model(gear: Upscaler, image: npt.NDArray[Any], options: Any) -> GearModel:
    """Measure a gear; the first run of each kind warms up."""
    if not gear.bundle.manifest.has_classes:
        _milliseconds(gear, image, options)
        return GearModel(_milliseconds(gear, image, options), 0.0)
    # Shares between the ends need a second look at the picture, which is part of their time.
    low, high = 0.1, 0.9
    _milliseconds(gear, image, {**options, "work": low})
    few = _milliseconds(gear, image, {**options, "work": low})
    many = _milliseconds(gear, image, {**options, "work": high})
    spread = max(1e-3, (many - few) / (high - low))
    return GearModel(max(0.0, few - low * spread), spread)


def _milliseconds(gear: Upscaler, image: npt.NDArray[Any], options: Any) -> float:
    begin = time.perf_counter()
    gear.run(image, **options)
    return (time.perf_counter() - begin) * 1e3
