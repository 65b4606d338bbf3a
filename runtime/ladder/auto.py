"""The upscaler that chooses its model: the best rung that keeps a time budget on this machine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Dict, List, Optional, Set, Tuple, Union

import numpy as np
import numpy.typing as npt

from pcsr_edge.errors import BackendUnavailableError, UsageError
from pcsr_edge.runtime.backends import backend_for
from pcsr_edge.runtime.backends.selection import Say, silent
from pcsr_edge.runtime.buffers import FRESH, Allocator
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.cache import cache_folder
from pcsr_edge.runtime.engine import Backend
from pcsr_edge.runtime.geometry import Axis, Span
from pcsr_edge.runtime.ladder.cost_table import CostTable
from pcsr_edge.runtime.ladder.costs import MeasuredCosts
from pcsr_edge.runtime.ladder.ladder import Choice, Costs, Ladder
from pcsr_edge.runtime.ladder.machine import describe_machine
from pcsr_edge.runtime.ladder.place import place_of
from pcsr_edge.runtime.ladder.probe import Timing, timing
from pcsr_edge.runtime.ladder.rung import BICUBIC, Rung, rungs_for
from pcsr_edge.runtime.method import Progress
from pcsr_edge.runtime.options import check_precision, frame_axes, thread_count
from pcsr_edge.runtime.pixels import check_image
from pcsr_edge.runtime.result import Result
from pcsr_edge.runtime.tiling import TileOption
from pcsr_edge.runtime.upscaler import VIDEO, Upscaler
from pcsr_edge.runtime.yuv import Yuv, YuvFormat

DEFAULT_SCALE = 4


class AutoUpscaler(Upscaler):
    """Chooses a rung for each size of picture when the first of that size comes.

    It is used like any `Upscaler`, but for what the ladder decides: k, ADM and classes.
    `bundle` is that of the rung that ran last, and before any ran the one of bicubic.

    Args:
        device: see `Upscaler.load`.
        threads: see `Upscaler.load`.
        precision: see `Upscaler.load`; bicubic knows no other than fp32, and runs nonetheless.
        budget_ms: milliseconds for a frame; None takes the best rung.
        say: see `Upscaler.load`.
        costs: what rungs cost; by default they are measured when they come into question.
        on_choice: told (h, w) of a new size of picture, and what was chosen for it.
        on_measurement: told which rung is measured, which takes about a second.
    """

    def __init__(
        self,
        *,
        device: Union[str, Backend] = "auto",
        threads: Optional[int] = None,
        precision: Optional[str] = None,
        budget_ms: Optional[float] = None,
        say: Say = silent,
        costs: Optional[Costs] = None,
        on_choice: Callable[[Tuple[int, int], Choice], None] = lambda lr, choice: None,
        on_measurement: Callable[[Rung], None] = lambda rung: None,
    ) -> None:
        self.bundle = load_bundle(BICUBIC)
        # Opened once: all rungs run on it.
        self._backend = backend = backend_for(device, say=say)
        self._say = say
        self.backend_name, self.backend_choice = backend.name, backend.choice
        self.precision = precision or backend.precision
        check_precision(self.precision, self.backend_name)
        self.threads = thread_count(threads)
        self.budget_ms = budget_ms
        self.table: Optional[CostTable] = None
        """What was measured on this machine; None where costs were given."""
        if costs is None:
            machine = describe_machine(self.threads, self.backend_name)
            self.table = CostTable(machine, cache_folder())
            costs = MeasuredCosts(self.table, self._run_frame, on_measurement)
        self._costs: Costs = costs
        self._on_choice = on_choice
        self._ladders: Dict[float, Ladder] = {}
        self._loaded: Dict[str, Upscaler] = {}
        self._choices: Dict[Tuple[int, int, int, int], Choice] = {}

    def run(
        self,
        image: npt.NDArray[Any],
        *,
        k: Optional[float] = None,
        adaptive: bool = False,
        force_class: Optional[int] = None,
        refine: bool = True,
        scale: Optional[float] = None,
        size: Optional[Tuple[int, int]] = None,
        tile: TileOption = "auto",
        memory_limit: Optional[int] = None,
        progress: Optional[Progress] = None,
        work: Optional[float] = None,
        prices: Optional[Tuple[float, ...]] = None,
        memory: Allocator = FRESH,
        eta: Optional[float] = None,
        halo: bool = False,
        core: Optional[Tuple[Span, Span]] = None,
    ) -> Result:
        """Upscale one image; see `Upscaler.run`. By default four times.

        Raises:
            UsageError: a value makes no sense, or is one that the ladder chooses.
            EngineError: the backend failed.
        """
        check_image(image)
        chosen = (k, force_class, work, prices, eta)
        if adaptive or halo or any(value is not None for value in chosen):
            raise UsageError(
                "model auto chooses k, eta and classes by itself; leave them and halo out, or name "
                "a model"
            )
        axes = self._axes((image.shape[0], image.shape[1]), scale, size)
        choice = self._choose(axes)
        upscaler = self._upscaler(choice.rung)
        self.bundle, self.backend_name = upscaler.bundle, upscaler.backend_name
        result = upscaler.run(
            image,
            refine=refine,
            size=(axes[0].n_hr, axes[1].n_hr),
            tile=tile,
            memory_limit=memory_limit,
            progress=progress,
            memory=memory,
            core=core,
            **choice.rung.options(),
        )
        return replace(result, rung=choice.rung.name)

    def upscale_planes(
        self,
        y: npt.NDArray[Any],
        cb: npt.NDArray[Any],
        cr: npt.NDArray[Any],
        form: YuvFormat = VIDEO,
        memory: Allocator = FRESH,
    ) -> Yuv:
        """Refuse: most rungs take RGB.

        Raises:
            UsageError: always.
        """
        raise UsageError(
            "planes of video need a model of method edge-sr, and model auto may choose another "
            "one; name a model"
        )

    def check(self, lr: Tuple[int, int], **options: Any) -> None:
        """Make sure that pictures of a size can be upscaled; see `Upscaler.check`.

        Raises:
            UsageError: scale and size make no sense.
        """
        self._axes(lr, options.get("scale"), options.get("size"))

    def choose(
        self,
        lr: Tuple[int, int],
        *,
        scale: Optional[float] = None,
        size: Optional[Tuple[int, int]] = None,
    ) -> Choice:
        """Return the rung that runs pictures of (h, w) = `lr`; measures what is not known yet.

        Raises:
            UsageError: scale and size make no sense.
            BackendUnavailableError: a device that was asked for by name cannot be used.
            EngineError: a rung failed while it was measured.
        """
        return self._choose(self._axes(lr, scale, size))

    def ladder(self, scale: float) -> Ladder:
        """Return the ladder of a scale; of one that no model was measured at, bicubic alone."""
        if scale not in self._ladders:
            self._ladders[scale] = Ladder(rungs_for(scale, self.precision), self._costs)
        return self._ladders[scale]

    def close(self) -> None:
        """Release engines and threads; the upscaler must not be used afterwards."""
        self._release(set())

    def _axes(
        self, lr: Tuple[int, int], scale: Optional[float], size: Optional[Tuple[int, int]]
    ) -> Tuple[Axis, Axis]:
        default = DEFAULT_SCALE if scale is None and size is None else scale
        return frame_axes(self.bundle.manifest, lr, default, size)

    def _choose(self, axes: Tuple[Axis, Axis]) -> Choice:
        lr, hr = (axes[0].n_lr, axes[1].n_lr), (axes[0].n_hr, axes[1].n_hr)
        if (*lr, *hr) not in self._choices:
            scale, size = place_of(lr, hr)
            self._choices[(*lr, *hr)] = self._chosen(self.ladder(scale), size)
            self._on_choice(lr, self._choices[(*lr, *hr)])
            self._release({choice.rung.model for choice in self._choices.values()})
        return self._choices[(*lr, *hr)]

    def _chosen(self, ladder: Ladder, size: Tuple[int, int]) -> Choice:
        try:
            choice = ladder.rung_for(size, self.budget_ms)
            self._upscaler(choice.rung)
        except BackendUnavailableError as exc:
            if self.backend_choice is None:
                raise
            # The one case in which a rung is left out for another reason than its time.
            last = Ladder(ladder.rungs[-1:], self._costs).rung_for(size, self.budget_ms)
            return replace(last, hindrance=str(exc))
        return choice

    def _upscaler(self, rung: Rung) -> Upscaler:
        if rung.model not in self._loaded:
            self._loaded[rung.model] = Upscaler.load(
                rung.model,
                device=self._backend,
                threads=self.threads,
                precision=rung.precision,
                say=self._say,
            )
        return self._loaded[rung.model]

    def _run_frame(self, rung: Rung, picture: npt.NDArray[np.uint8]) -> Timing:
        result = self._upscaler(rung).run(picture, scale=rung.scale, **rung.options())
        return timing(result, self.threads)

    def _release(self, kept: Set[str]) -> None:
        unused: List[str] = [name for name in self._loaded if name not in kept]
        for name in unused:
            self._loaded.pop(name).close()
