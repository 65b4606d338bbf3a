"""An upscaler that keeps a frame rate: it spends on each frame what there is time for."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

import numpy.typing as npt

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.upscaler import Result, Upscaler
from pcsr_edge.runtime.video.pace import GearModel, Pace
from pcsr_edge.runtime.yuv import Yuv, YuvFormat

VIDEO = YuvFormat()
TOO_SLOW = 2.0
"""Gears that take so many budgets at their least work are not considered."""


class Gear(NamedTuple):
    """A model, and how it is run."""

    upscaler: Upscaler
    fixed: Optional[float] = None
    """The work of every frame; None where it is the pace's to choose."""

    @property
    def adjustable(self) -> bool:
        """Whether the share of its heavy classes is the pace's to choose."""
        return self.fixed is None and self.upscaler.bundle.manifest.has_classes

    @property
    def name(self) -> str:
        """Model and setting."""
        setting = {None: "", 0.0: " light", 1.0: " heavy"}[self.fixed]
        return f"{self.upscaler.bundle.name}{setting}"

    def options(self, work: float) -> Dict[str, Any]:
        """Return the arguments of `Upscaler.run` for a frame of so much work."""
        if self.adjustable:
            return {"work": work}
        return {} if self.fixed is None else {"work": self.fixed}


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
        self._opened: List[Upscaler] = [self._load[-1]()]
        self._gears: List[Gear] = []
        self._size: Optional[Tuple[int, ...]] = None
        self._reported = False
        self.pace: Optional[Pace] = None
        """None before the first frame."""
        first = self._opened[0]
        self.bundle, self.backend_name = first.bundle, first.backend_name
        self.backend_choice, self.precision = first.backend_choice, first.precision
        self.threads = first.threads

    @property
    def names(self) -> List[str]:
        """The gears that are considered, best first."""
        return [gear.name for gear in self._gears]

    def run(self, image: npt.NDArray[Any], **options: Any) -> Result:
        """Upscale one frame, in the present gear; see `Upscaler.run`.

        Tell by `observe` what the whole frame took.
        """
        pace = self.pace
        if pace is None or self._size != image.shape:
            pace = self.pace = self._measured(image, options)
            self._size = image.shape
        gear = self._gears[pace.gear]
        self.bundle, self.backend_name = gear.upscaler.bundle, gear.upscaler.backend_name
        result = gear.upscaler.run(image, **options, **gear.options(pace.work))
        return replace(result, rung=self.label)

    def upscale_planes(
        self,
        y: npt.NDArray[Any],
        cb: npt.NDArray[Any],
        cr: npt.NDArray[Any],
        form: YuvFormat = VIDEO,
    ) -> Yuv:
        """Upscale a frame as planes, where the present gear can; see `Upscaler.upscale_planes`."""
        assert self.pace is not None
        gear = self._gears[self.pace.gear]
        return gear.upscaler.upscale_planes(y, cb, cr, form)

    @property
    def label(self) -> str:
        """The present gear and its work, for people."""
        if self.pace is None:
            return f"measuring for {self.budget_ms:g} ms"
        gear = self._gears[self.pace.gear]
        return f"{gear.name} {100 * self.pace.work:.0f}% heavy" if gear.adjustable else gear.name

    def observe(self, ms: float) -> None:
        """Tell what a frame took; the one that measured the gears does not count."""
        if self.pace is None:
            return
        if not self._reported:
            self._reported = True
            return
        self.pace.observe(ms)
        self.bundle = self._gears[self.pace.gear].upscaler.bundle

    def cancel(self) -> None:
        """Make a run under way fail soon; see `Upscaler.cancel`."""
        for upscaler in self._opened:
            upscaler.cancel()

    def close(self) -> None:
        """Release every gear."""
        for upscaler in self._opened:
            upscaler.close()

    def _measured(self, image: npt.NDArray[Any], options: Dict[str, Any]) -> Pace:
        """Measure the gears, fastest first, up to the first that is far too slow."""
        self._gears = []
        models: List[GearModel] = []
        opened = {id(load): upscaler for load, upscaler in zip(self._load[::-1], self._opened)}
        for load in self._load[::-1]:
            upscaler = opened.get(id(load)) or self._open(load)
            for gear, model in _measured_gears(upscaler, image, options):
                if self._gears and model.light_ms > TOO_SLOW * self.budget_ms:
                    return Pace(self.budget_ms, models)
                self._gears.insert(0, gear)
                models.insert(0, model)
        return Pace(self.budget_ms, models)

    def _open(self, load: Callable[[], Upscaler]) -> Upscaler:
        self._opened.append(load())
        return self._opened[-1]


def _measured_gears(
    upscaler: Upscaler, image: npt.NDArray[Any], options: Dict[str, Any]
) -> Iterator[Tuple[Gear, GearModel]]:
    """Yield the gears that a model makes, and what they take, fastest first.

    To sort pixels by difficulty takes time. Where all of them can be heavy in about the time that
    half of them take with sorting, there is nothing to gain by it.
    """
    if len(upscaler.bundle.manifest.classes) < 2:
        gear = Gear(upscaler)
        yield gear, _gear_model(gear, image, options)
        return
    light, mixed, heavy = Gear(upscaler, 0.0), Gear(upscaler), Gear(upscaler, 1.0)
    yield light, _gear_model(light, image, options)
    sorting, whole = (_gear_model(gear, image, options) for gear in (mixed, heavy))
    pays = whole.light_ms > sorting.light_ms + sorting.spread_ms / 2
    yield (mixed, sorting) if pays else (heavy, whole)


def _gear_model(gear: Gear, image: npt.NDArray[Any], options: Dict[str, Any]) -> GearModel:
    """Measure a gear; the first run of each kind warms up."""
    if not gear.adjustable:
        _milliseconds(gear, image, options, 0.0)
        return GearModel(_milliseconds(gear, image, options, 0.0), 0.0)
    # Shares between the ends need a second look at the picture, which is part of their time.
    low, high = 0.1, 0.9
    _milliseconds(gear, image, options, low)
    few = _milliseconds(gear, image, options, low)
    many = _milliseconds(gear, image, options, high)
    spread = max(1e-3, (many - few) / (high - low))
    return GearModel(max(0.0, few - low * spread), spread)


def _milliseconds(
    gear: Gear, image: npt.NDArray[Any], options: Dict[str, Any], work: float
) -> float:
    begin = time.perf_counter()
    gear.upscaler.run(image, **options, **gear.options(work))
    return (time.perf_counter() - begin) * 1e3
