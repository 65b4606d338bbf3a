"""The gears of a paced upscaler: which models come into question, and what they cost here."""

from __future__ import annotations

import math
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.ladder.cost_table import CostTable
from pcsr_edge.runtime.ladder.costs import MeasuredCosts
from pcsr_edge.runtime.ladder.machine import describe_machine
from pcsr_edge.runtime.ladder.rung import Rung, rung_at_work
from pcsr_edge.runtime.patch_table import load_table
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.pace import GearModel, Point
from pcsr_edge.runtime.work_share import SORTED_FROM, class_works

TOO_SLOW = 2.0
"""Gears that take so many budgets at their least work are not considered."""
WORKS = (0.0, SORTED_FROM, 0.9, 1.0)
"""Where the time of a gear with classes is measured: at both ends no pixel is sorted."""


class Model(NamedTuple):
    """A model that may become a gear."""

    bundle: Bundle
    precision: str
    load: Callable[[], Upscaler]


class Gear(NamedTuple):
    """A model at work."""

    upscaler: Upscaler
    halo: bool = False
    """Whether patches see what lies around them, where the model has patches."""
    works: Tuple[float, ...] = (0.0,)
    """What its classes cost, as shares of the most."""

    @property
    def adjustable(self) -> bool:
        """Whether the share of its heavy classes is the pace's to choose."""
        return len(self.upscaler.bundle.manifest.classes) > 1

    @property
    def name(self) -> str:
        """Of the model."""
        return self.upscaler.bundle.name

    def given(self, fractions: Sequence[float]) -> float:
        """Return the work of a frame, 0 to 1, by the shares of its classes."""
        return sum(share * work for share, work in zip(fractions, self.works))

    def options(self, work: float) -> Dict[str, Any]:
        """Return the arguments of `Upscaler.run` for a frame of so much work."""
        chosen: Dict[str, Any] = {"work": work} if self.adjustable else {}
        halo = self.halo and self.upscaler.bundle.manifest.by_patch
        return {**chosen, "halo": True} if halo else chosen


class GearBox:
    """Holds loaded models, and knows what they cost.

    Args:
        last: the fastest gear, which makes any size; closed with the others.
        table: the costs of this machine; None keeps what is measured for this run alone.
        tell: told the name of what is measured.
    """

    def __init__(
        self, last: Upscaler, table: Optional[CostTable], tell: Callable[[str], None]
    ) -> None:
        self._last = Model(last.bundle, "fp32", lambda: last)
        self._loaded: Dict[Tuple[str, str], Upscaler] = {_key(self._last): last}
        self._models: Dict[str, Model] = {}
        if table is None:
            table = CostTable(describe_machine(last.threads, last.backend_name), None)
        self._costs = MeasuredCosts(table, self._run_frame, lambda rung: tell(rung.name))

    def gears(
        self,
        models: Sequence[Model],
        scale: float,
        cells: int,
        budget_ms: float,
        halo: bool = False,
    ) -> Tuple[List[Gear], List[GearModel]]:
        """Return the gears that may keep a budget, best first, and what they take.

        One that is slower than a better one is left out; the last is always there.

        Args:
            models: best first, without the last.
            scale: see `place_of`.
            cells: LR pixels of a frame at that scale.
            budget_ms: milliseconds for a frame.
            halo: of the gears that have patches.
        """
        gears: List[Gear] = []
        curves: List[GearModel] = []
        for model in (*models, self._last):
            last = model is self._last
            limit = math.inf if last else TOO_SLOW * budget_ms
            curve = self._curve(model, scale, cells, limit, halo)
            slower = any(curve[0].ms >= other.least_ms for other in curves)
            if last or not (slower or curve[0].ms > TOO_SLOW * budget_ms):
                gears.append(Gear(self._upscaler(model), halo, _works(model.bundle)))
                curves.append(GearModel(curve))
        self._release([gear.upscaler for gear in gears])
        return gears, curves

    def cancel(self) -> None:
        """Make a run under way fail soon; see `Upscaler.cancel`."""
        for upscaler in list(self._loaded.values()):
            upscaler.cancel()

    def close(self) -> None:
        """Release every model."""
        for upscaler in self._loaded.values():
            upscaler.close()

    def _curve(
        self, model: Model, scale: float, cells: int, limit: float, halo: bool
    ) -> Tuple[Point, ...]:
        """Return what a model takes at rising work; beyond `limit` at the least alone."""
        manifest = model.bundle.manifest
        adjustable, halo = len(manifest.classes) > 1, halo and manifest.by_patch
        points: List[Point] = []
        for work in WORKS if adjustable else WORKS[:1]:
            share = work if adjustable else None
            rung = rung_at_work(model.bundle, scale, model.precision, share, halo)
            self._models[rung.identity] = model
            # Rough times of much work would bend the curve where there is less.
            ms = self._costs.milliseconds(rung, cells, math.inf if points else limit)
            points.append(Point(work, ms))
            if points[0].ms > limit:
                break
        return tuple(points)

    def _run_frame(self, rung: Rung, picture: npt.NDArray[np.uint8]) -> float:
        upscaler = self._upscaler(self._models[rung.identity])
        return upscaler.run(picture, scale=rung.scale, **rung.options()).times["total"]

    def _upscaler(self, model: Model) -> Upscaler:
        key = _key(model)
        if key not in self._loaded:
            self._loaded[key] = model.load()
        return self._loaded[key]

    def _release(self, kept: Sequence[Upscaler]) -> None:
        unused = [key for key, upscaler in self._loaded.items() if upscaler not in kept]
        for key in unused:
            self._loaded.pop(key).close()


def _works(bundle: Bundle) -> Tuple[float, ...]:
    """Return what classes cost in the unit in which work is asked for."""
    manifest = bundle.manifest
    if len(manifest.classes) < 2:
        return (0.0,)
    if manifest.by_patch:
        return load_table(bundle).costs
    return tuple(class_works([each.flops_per_query for each in manifest.classes]).tolist())


def _key(model: Model) -> Tuple[str, str]:
    return str(model.bundle.folder), model.precision
