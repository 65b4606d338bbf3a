"""The gears of a paced upscaler: which models come into question, and what they cost here."""

from __future__ import annotations

import math
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.ladder.cost import Cost
from pcsr_edge.runtime.ladder.cost_table import CostTable
from pcsr_edge.runtime.ladder.costs import MeasuredCosts
from pcsr_edge.runtime.ladder.engine_table import class_prices
from pcsr_edge.runtime.ladder.machine import describe_machine
from pcsr_edge.runtime.ladder.probe import Timing, timing
from pcsr_edge.runtime.ladder.rung import Rung, rung_at_work, rung_of_class
from pcsr_edge.runtime.patch_table import load_table
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.pace import GearModel, Point
from pcsr_edge.runtime.video.work_curve import BETWEEN, ENDS, work_curve
from pcsr_edge.runtime.work_share import class_works

TOO_SLOW = 2.0
"""Gears that take so many budgets at their least work are not considered."""
Prices = Optional[Tuple[float, ...]]
"""What the classes of a gear cost here; None where FLOPs must do."""


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
    prices: Prices = None

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
        if self.prices is not None:
            chosen["prices"] = self.prices
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
            curve, prices = self._curve(model, scale, cells, limit, halo)
            slower = any(curve[0].ms >= other.least_ms for other in curves)
            if last or not (slower or curve[0].ms > TOO_SLOW * budget_ms):
                works = _works(model.bundle, prices)
                gears.append(Gear(self._upscaler(model), halo, works, prices))
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
    ) -> Tuple[Tuple[Point, ...], Prices]:
        """Return what a model takes at rising work, and what its classes cost.

        Beyond `limit` at the least work alone.
        """
        manifest = model.bundle.manifest
        place = model.bundle, scale, model.precision
        adjustable, halo = len(manifest.classes) > 1, halo and manifest.by_patch
        least = rung_at_work(*place, 0.0 if adjustable else None, halo)
        ms = self._milliseconds(model, least, cells, limit)
        if not adjustable or ms > limit:
            return (Point(0.0, ms),), None
        costs = {work: self._cost(model, rung_at_work(*place, work, halo), cells) for work in ENDS}
        # Where engines cannot be told apart, on a device, nothing tells prices.
        prices = self._prices(model, scale, cells, halo) if costs[0.0].engines else None
        for work in BETWEEN:
            rung = rung_at_work(*place, work, halo, prices)
            costs[work] = self._cost(model, rung, cells)
        return work_curve(costs, cells), prices

    def _prices(self, model: Model, scale: float, cells: int, halo: bool) -> Prices:
        """Return what classes cost, from frames all of each; None where there is nothing to choose.

        Of two classes the heavy one is worth its price wherever there is time for it. All work is
        no frame all heavy where a table leaves patches light that gain nothing.
        """
        count = len(model.bundle.manifest.classes)
        if count == 2:
            return None
        place = model.bundle, scale, model.precision
        rungs = [rung_of_class(*place, number, halo) for number in range(count)]
        prices = class_prices([self._cost(model, rung, cells) for rung in rungs])
        return prices if prices[0] > prices[-1] else None

    def _cost(self, model: Model, rung: Rung, cells: int) -> Cost:
        """Return what a rung costs, however much that is: rough times would bend the curve."""
        self._milliseconds(model, rung, cells, math.inf)
        cost = self._costs.table.get(rung)
        assert cost is not None
        return cost

    def _milliseconds(self, model: Model, rung: Rung, cells: int, limit: float) -> float:
        self._models[rung.identity] = model
        return self._costs.milliseconds(rung, cells, limit)

    def _run_frame(self, rung: Rung, picture: npt.NDArray[np.uint8]) -> Timing:
        upscaler = self._upscaler(self._models[rung.identity])
        result = upscaler.run(picture, scale=rung.scale, **rung.options())
        return timing(result, upscaler.threads)

    def _upscaler(self, model: Model) -> Upscaler:
        key = _key(model)
        if key not in self._loaded:
            self._loaded[key] = model.load()
        return self._loaded[key]

    def _release(self, kept: Sequence[Upscaler]) -> None:
        unused = [key for key, upscaler in self._loaded.items() if upscaler not in kept]
        for key in unused:
            self._loaded.pop(key).close()


def _works(bundle: Bundle, prices: Prices) -> Tuple[float, ...]:
    """Return what classes cost in the unit in which work is asked for."""
    manifest = bundle.manifest
    if len(manifest.classes) < 2:
        return (0.0,)
    if manifest.by_patch and prices is None:
        return load_table(bundle).costs
    flops = [each.flops_per_query for each in manifest.classes]
    return tuple(class_works(prices or flops).tolist())


def _key(model: Model) -> Tuple[str, str]:
    return str(model.bundle.folder), model.precision
