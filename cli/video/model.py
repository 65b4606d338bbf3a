"""From -n, -m, --fps and --budget-ms to the upscaler of a video."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Optional, Sequence, Union

from pcsr_edge.cli.batch import Request, check_settings
from pcsr_edge.cli.console import Console
from pcsr_edge.cli.loading import check_graphs, load_upscaler
from pcsr_edge.cli.pacing import ModelName, paced_upscaler, refuse_choices
from pcsr_edge.cli.upscaling import model_of
from pcsr_edge.runtime.bundle import Bundle, load_bundle
from pcsr_edge.runtime.ladder.auto import DEFAULT_SCALE
from pcsr_edge.runtime.ladder.rung import rungs_for
from pcsr_edge.runtime.options import frame_budget
from pcsr_edge.runtime.upscaler import AUTO_MODEL, Upscaler


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
        if self.budget_ms is not None:
            refuse_choices(args)
        named = args.model_path is not None or args.model not in (None, AUTO_MODEL)
        best: Union[str, Path, None] = model_of(args, console) if named else None
        if best is None and self.budget_ms is None and args.model != AUTO_MODEL:
            best = model_of(args, console)
        self._best, self._console = best, console
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
        return paced_upscaler(self._args, self._console, self.budget_ms, self._names)

    def _names(self, scale: float) -> Sequence[ModelName]:
        """Return what may run at a scale, best first; settings are the pace's."""
        if self._best is not None:
            return [self.bundle.folder]
        return list(dict.fromkeys(rung.model for rung in rungs_for(scale, self._args.precision)))
