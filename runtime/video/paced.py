"""An upscaler that keeps a frame rate: it spends on each frame what there is time for."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

import numpy.typing as npt

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.buffers import FRESH, Allocator
from pcsr_edge.runtime.bundle import Bundle
from pcsr_edge.runtime.ladder.cost_table import CostTable
from pcsr_edge.runtime.ladder.place import place_of
from pcsr_edge.runtime.ladder.probe import SMALL
from pcsr_edge.runtime.ladder.probe_picture import probe_picture
from pcsr_edge.runtime.method import check_trained_scale
from pcsr_edge.runtime.options import check_patches, frame_axes
from pcsr_edge.runtime.result import Result
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.gears import Gear, GearBox, Model
from pcsr_edge.runtime.video.pace import Pace
from pcsr_edge.runtime.yuv import Yuv, YuvFormat

VIDEO = YuvFormat()
MUCH = 0.9
"""Work that takes most memory."""
_OF_PATCHES = ("eta", "halo")
"""Options that gears without patches know nothing of."""


class PacedUpscaler(Upscaler):
    """Runs frames of one size within a time budget, as far as its gears can.

    What gears cost is known from the costs of this machine, or measured once and kept there; so
    the first frame is in time like the others.

    Args:
        budget_ms: milliseconds for a frame.
        last: the fastest gear, which makes any size; loaded, and closed with the others.
        better: the models above it for a magnification, best first.
        table: the costs of this machine, which what is measured is added to; None keeps nothing.
        on_measurement: told what is measured, which takes about a second.
        alone: frames are pictures, of sizes that may not come again: engines are warmed up by a
            small one, and nobody tells by `observe` what they took.

    Raises:
        UsageError: the budget is not positive.
    """

    def __init__(
        self,
        budget_ms: float,
        last: Upscaler,
        better: Callable[[float], Sequence[Model]],
        *,
        table: Optional[CostTable] = None,
        on_measurement: Callable[[str], None] = lambda name: None,
        alone: bool = False,
    ) -> None:
        if not budget_ms > 0:
            raise UsageError(f"a budget of {budget_ms} ms cannot be kept; expected more than 0")
        self.budget_ms = budget_ms
        self._last, self._better, self._alone = last, better, alone
        self._box = GearBox(last, table, on_measurement)
        self._gears: List[Gear] = []
        self._prepared_for: Tuple[int, ...] = ()
        self._given: Optional[float] = None
        self.pace: Optional[Pace] = None
        """None before the size of frames is known."""
        self.bundle, self.backend_name = last.bundle, last.backend_name
        self.backend_choice, self.precision = last.backend_choice, last.precision
        self.threads = last.threads

    @property
    def names(self) -> List[str]:
        """The gears that are considered, best first."""
        return [gear.name for gear in self._gears]

    @property
    def backends(self) -> List[str]:
        """What runs each of them."""
        return [gear.upscaler.backend_name for gear in self._gears]

    def without_budget(self, options: Dict[str, Any]) -> Tuple[Upscaler, Dict[str, Any]]:
        """Return the best gear, and those of some options of `run` that it knows.

        It stays this one's to close; frames of the size of `prepare` alone are ready.
        """
        upscaler = self._gears[0].upscaler
        return upscaler, _without(options, upscaler.bundle)

    def bundles(self, lr: Tuple[int, int], hr: Tuple[int, int]) -> List[Bundle]:
        """Return the models that frames of a size may be made by, whatever they cost."""
        scale, _ = place_of(lr, hr)
        return [*(model.bundle for model in self._better(scale)), self._last.bundle]

    def check(self, lr: Tuple[int, int], **options: Any) -> None:
        """Make sure that every gear can upscale frames of a size; see `Upscaler.check`.

        What only patches give sense to is for the gears that have some; one must.
        """
        self._last.check(lr, **_without(options, self._last.bundle))
        axes = frame_axes(self._last.bundle.manifest, lr, options.get("scale"), options.get("size"))
        scale, _ = place_of(lr, (axes[0].n_hr, axes[1].n_hr))
        manifests = [model.bundle.manifest for model in self._better(scale)]
        for manifest in manifests:
            if not manifest.any_scale:
                check_trained_scale(manifest, axes)
        if not any(manifest.by_patch for manifest in manifests):
            manifest = [*manifests, self._last.bundle.manifest][0]
            check_patches(manifest, options.get("eta"), options.get("halo", False))

    def prepare(self, lr: Tuple[int, int], hr: Tuple[int, int], halo: bool = False) -> Pace:
        """Choose the gears for frames of (h, w) = `lr` and results of `hr`, and load them.

        Args:
            lr: of the frames.
            hr: of the results.
            halo: see `Upscaler.run`; for the gears that have patches.

        Raises:
            UsageError: a model cannot make such frames.
            BackendUnavailableError: the device is not there.
            EngineError: a gear failed while it was measured.
        """
        self.check(lr, size=hr, halo=halo)
        scale, size = place_of(lr, hr)
        cells = size[0] * size[1]
        models = self._better(scale)
        self._gears, curves = self._box.gears(models, scale, cells, self.budget_ms, halo)
        self.pace = Pace(self.budget_ms, curves)
        self._prepared_for = (*lr, *hr, halo)
        self._engage()
        # The first frame of an engine takes longer, whenever that is.
        drawn = probe_picture(*(SMALL if self._alone else lr))
        asked: Dict[str, Any] = {"scale": scale} if self._alone else {"size": hr}
        for gear in self._gears:
            gear.upscaler.run(drawn, **asked, **gear.options(MUCH))
        return self.pace

    def rehearse(self, frame: Callable[[], object]) -> None:
        """Run a frame that nobody sees until its time is known in the gear that fits.

        Args:
            frame: makes one frame with all that belongs to it, as `observe` will be told of.
        """
        assert self.pace is not None
        for _ in self._gears:
            # The first one warms up. The slower of the others counts: a first frame that comes
            # too early costs less than one that comes late.
            times = [_milliseconds(frame) for _ in range(3)][1:]
            changed = self.pace.settle(max(times))
            self._engage()
            if not changed:
                return

    def run(self, image: npt.NDArray[Any], **options: Any) -> Result:
        """Upscale one frame, in the present gear; see `Upscaler.run`.

        Tell by `observe` what the whole frame took.
        """
        lr = image.shape[0], image.shape[1]
        axes = frame_axes(self.bundle.manifest, lr, options.get("scale"), options.get("size"))
        hr = axes[0].n_hr, axes[1].n_hr
        halo = bool(options.get("halo"))
        if self._prepared_for != (*lr, *hr, halo):
            self.prepare(lr, hr, halo)
        assert self.pace is not None
        gear = self._gears[self.pace.gear]
        label = self.label
        asked = _without(options, gear.upscaler.bundle)
        result = gear.upscaler.run(image, **{**asked, **gear.options(self.pace.work)})
        self._given = min(self.pace.work, gear.given(result.fractions))
        if self._alone:
            self.observe(result.times["total"])
        return replace(result, rung=label)

    def upscale_planes(
        self,
        y: npt.NDArray[Any],
        cb: npt.NDArray[Any],
        cr: npt.NDArray[Any],
        form: YuvFormat = VIDEO,
        memory: Allocator = FRESH,
    ) -> Yuv:
        """Upscale a frame as planes, where the present gear can; see `Upscaler.upscale_planes`."""
        assert self.pace is not None
        return self._gears[self.pace.gear].upscaler.upscale_planes(y, cb, cr, form, memory)

    @property
    def label(self) -> str:
        """The present gear and its work, for people."""
        if self.pace is None:
            return f"measuring for {self.budget_ms:g} ms"
        gear = self._gears[self.pace.gear]
        return f"{gear.name} {100 * self.pace.work:.0f}% heavy" if gear.adjustable else gear.name

    def observe(self, ms: float) -> None:
        """Tell what a frame took."""
        assert self.pace is not None
        self.pace.observe(ms, self._given)
        self._engage()

    def skip(self, frames: int = 1) -> None:
        """Tell of frames that were not computed here: they only count."""
        assert self.pace is not None
        self.pace.skip(frames)

    def cancel(self) -> None:
        """Make a run under way fail soon; see `Upscaler.cancel`."""
        self._box.cancel()

    def close(self) -> None:
        """Release every gear."""
        self._box.close()

    def _engage(self) -> None:
        assert self.pace is not None
        upscaler, self._given = self._gears[self.pace.gear].upscaler, None
        self.bundle, self.backend_name = upscaler.bundle, upscaler.backend_name


def _without(options: Dict[str, Any], bundle: Bundle) -> Dict[str, Any]:
    """Return the options that a gear knows."""
    left_out = () if bundle.manifest.by_patch else _OF_PATCHES
    return {name: value for name, value in options.items() if name not in left_out}


def _milliseconds(frame: Callable[[], object]) -> float:
    begin = time.perf_counter()
    frame()
    return (time.perf_counter() - begin) * 1e3
