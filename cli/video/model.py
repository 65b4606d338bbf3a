"""From -n, -m, --fps and --budget-ms to the upscaler of a video."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import Callable, List, Optional, Union

from pcsr_edge.cli.batch import Request, check_settings
from pcsr_edge.cli.console import Console
from pcsr_edge.cli.loading import check_graphs, load_upscaler
from pcsr_edge.cli.upscaling import model_of
from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.bundle import Bundle, load_bundle
from pcsr_edge.runtime.ladder.auto import DEFAULT_SCALE
from pcsr_edge.runtime.ladder.rung import BICUBIC, rungs_for
from pcsr_edge.runtime.options import frame_budget
from pcsr_edge.runtime.upscaler import AUTO_MODEL, Upscaler
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
        self._models: List[Union[str, Path]] = [best] if best is not None else self._rungs()
        if self.budget_ms is None:
            self._models = self._models[:1]
        elif BICUBIC not in self._models:
            self._models.append(BICUBIC)
        self.bundle: Bundle = load_bundle(self._models[0])
        """The best model."""
        check_graphs(self.bundle, args.precision)

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
        loaders: List[Callable[[], Upscaler]] = [
            partial(self._gear, model) for model in self._models
        ]
        return PacedUpscaler(self.budget_ms, loaders)

    def _gear(self, model: Union[str, Path]) -> Upscaler:
        precision = "fp32" if model == BICUBIC else self._args.precision
        return Upscaler.load(
            model, device=self._args.device, threads=self._args.threads, precision=precision
        )

    def _rungs(self) -> List[Union[str, Path]]:
        """Return the models of the ladder, best first; their settings are the pace's."""
        scale: Optional[float] = self._args.scale
        rungs = rungs_for(float(scale or DEFAULT_SCALE), self._args.precision)
        return list(dict.fromkeys(rung.model for rung in rungs))
