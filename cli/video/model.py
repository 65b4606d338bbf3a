"""From -n, -m, --fps and --budget-ms to the upscaler of a video."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import List, Optional, Union

from pcsr_edge.cli.batch import Request, check_settings
from pcsr_edge.cli.console import Console
from pcsr_edge.cli.loading import check_graphs, load_upscaler
from pcsr_edge.cli.upscaling import model_of
from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.backends import backend_for
from pcsr_edge.runtime.bundle import Bundle, load_bundle
from pcsr_edge.runtime.cache import cache_folder
from pcsr_edge.runtime.ladder.auto import DEFAULT_SCALE
from pcsr_edge.runtime.ladder.cost_table import CostTable
from pcsr_edge.runtime.ladder.machine import describe_machine
from pcsr_edge.runtime.ladder.rung import BICUBIC, rungs_for
from pcsr_edge.runtime.options import frame_budget
from pcsr_edge.runtime.upscaler import AUTO_MODEL, Upscaler
from pcsr_edge.runtime.video.gears import Model
from pcsr_edge.runtime.video.paced import PacedUpscaler


class VideoModel:
    """What runs a video: a model, or several of which each frame gets what there is time for.

    Raises:
        UsageError: options contradict each other.
        UnknownModelError: no such model.
        BundleError: a bundle is damaged.
    """

    def __init__(self, args: argparse.Namespace, console: Console) -> None:
        self._args = args
        self.budget_ms = frame_budget(args.fps, args.budget_ms)
        given = (args.k, args.eta, args.force_class)
        chosen = args.adaptive or any(value is not None for value in given)
        if self.budget_ms is not None and chosen:
            raise UsageError(
                "a time budget decides the classes; leave --k, --eta, --adaptive and --class out"
            )
        named = args.model_path is not None or args.model not in (None, AUTO_MODEL)
        best: Union[str, Path, None] = model_of(args, console) if named else None
        if best is None and self.budget_ms is None and args.model != AUTO_MODEL:
            best = model_of(args, console)
        self._best, self._console, self._told = best, console, False
        self.bundle: Bundle = load_bundle(self._first() if best is None else best)
        """The model, or the best of the ladder where none is named."""
        check_graphs(self.bundle, args.precision)

    def _first(self) -> str:
        scale: Optional[float] = self._args.scale
        return rungs_for(float(scale or DEFAULT_SCALE), self._args.precision)[0].model

    def load(self, request: Request) -> Upscaler:
        """Load it.

        Raises:
            BackendUnavailableError: the device is not there.
            UsageError: the settings make no sense for the model.
        """
        if self.budget_ms is None:
            upscaler = load_upscaler(self._args, self.bundle.folder)
            check_settings(upscaler, request.options, request.scale)
            return upscaler
        last = self._load(BICUBIC, "fp32")
        # The costs are those of the ladder, which go by what runs graphs.
        machine = describe_machine(last.threads, backend_for(self._args.device).name)
        return PacedUpscaler(
            self.budget_ms,
            last,
            self._models,
            table=CostTable(machine, cache_folder()),
            on_measurement=self._measuring,
        )

    def _models(self, scale: float) -> List[Model]:
        """Return what may run at a scale, best first, but for bicubic; settings are the pace's."""
        precision = self._args.precision
        names: List[Union[str, Path]] = [self.bundle.folder]
        if self._best is None:
            names = list(dict.fromkeys(rung.model for rung in rungs_for(scale, precision)))
        return [
            Model(load_bundle(name), precision, partial(self._load, name, precision))
            for name in names
            if load_bundle(name).name != BICUBIC
        ]

    def _load(self, model: Union[str, Path], precision: str) -> Upscaler:
        return Upscaler.load(
            model, device=self._args.device, threads=self._args.threads, precision=precision
        )

    def _measuring(self, name: str) -> None:
        if not self._told:
            self._console.say("measuring what models cost on this machine, once; it is kept")
        self._told = True
        self._console.detail(f"measuring {name}")
