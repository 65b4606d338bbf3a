"""`upscale` with a time budget: what may be asked together, and what is said of the choices."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from pcsr_edge.cli import tables
from pcsr_edge.cli.console import Console
from pcsr_edge.cli.loading import tell_choice
from pcsr_edge.cli.options import DEFAULT_MODEL, device_of
from pcsr_edge.cli.values import Size
from pcsr_edge.errors import PcsrEdgeError, UsageError
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.ladder import Choice, Rung
from pcsr_edge.runtime.ladder.auto import AutoUpscaler
from pcsr_edge.runtime.options import frame_budget
from pcsr_edge.runtime.upscaler import AUTO_MODEL, Upscaler


def is_auto(args: argparse.Namespace) -> bool:
    """Return whether the ladder is to choose the model.

    Raises:
        UsageError: something is asked for that the ladder decides.
    """
    budget = "--budget-ms" if args.fps is None else "--fps"
    timed = args.fps is not None or args.budget_ms is not None
    named = args.model_path is not None or args.model not in (None, AUTO_MODEL)
    if timed and named:
        if _divides_work(args):
            return False
        model = args.model if args.model_path is None else args.model_path
        raise UsageError(
            f"{budget} chooses the model, and {model} was named, which has no classes to choose; "
            f"leave one of them out, or name the model {AUTO_MODEL}"
        )
    if args.model != AUTO_MODEL and not timed:
        return False
    settings = (args.k, args.eta, args.force_class)
    if args.adaptive or args.halo or any(value is not None for value in settings):
        raise UsageError(
            f"model {AUTO_MODEL} chooses k, eta and classes by itself; leave --k, --eta, --halo, "
            "--adaptive and --class out, or name a model"
        )
    return True


def _divides_work(args: argparse.Namespace) -> bool:
    """Return whether the model that is named has classes, which a budget can choose among."""
    try:
        bundle = load_bundle(args.model if args.model_path is None else Path(args.model_path))
    except PcsrEdgeError:
        return False
    return bundle.manifest.has_classes


class Choosing:
    """Loads the upscaler that chooses, tells of its choices on stderr, and keeps them."""

    def __init__(self, args: argparse.Namespace, console: Console) -> None:
        self.budget_ms = frame_budget(args.fps, args.budget_ms)
        self._args, self._console = args, console
        self._choices: List[Tuple[Size, Choice]] = []
        self._announced: Optional[str] = None
        self._measuring = False

    def load(self) -> Upscaler:
        """Return the upscaler; see `Upscaler.load`."""
        upscaler = AutoUpscaler(
            device=device_of(self._args),
            threads=self._args.threads,
            precision=self._args.precision,
            budget_ms=self.budget_ms,
            say=self._console.say,
            on_choice=self._chosen,
            on_measurement=self._measured,
        )
        tell_choice(upscaler, self._console)
        return upscaler

    def as_dict(self) -> Dict[str, Any]:
        """Return the entry that `--json` prints."""
        return {
            "budget_ms": self.budget_ms,
            "choices": [_entry(size, choice) for size, choice in self._choices],
        }

    def _measured(self, rung: Rung) -> None:
        if not self._measuring:
            self._console.say("measuring what models cost on this machine, once; it is kept")
        self._measuring = True
        self._console.detail(f"measuring {rung.name}")

    def _chosen(self, lr: Tuple[int, int], choice: Choice) -> None:
        size = Size(lr[1], lr[0])
        self._choices.append((size, choice))
        text = f"{size}: {choice_text(choice)}"
        if choice.hindrance is not None or choice.alone or not choice.fits:
            self._console.warn(text)
        elif choice.rung.name == self._announced:
            self._console.detail(text)
        else:
            self._console.say(text)
        self._announced = choice.rung.name
        if choice.considered:
            self._console.detail(considered_table(choice))


def choice_text(choice: Choice) -> str:
    """Say which rung was chosen, and why."""
    name, budget = choice.rung.name, choice.budget_ms
    if choice.hindrance is not None:
        return f"{name}, which needs no engine: {choice.hindrance}"
    if choice.alone:
        return (
            f"{name}, since no other model was measured at this scale; those of method pcsr run "
            f"at any, e.g. -n {DEFAULT_MODEL}"
        )
    if budget is None or choice.predicted_ms is None:
        return f"{name}, the best there is for this scale; no time budget was given"
    times = f"{tables.ms_text(choice.predicted_ms)} expected, {tables.ms_text(budget)} wanted"
    if choice.fits:
        return f"{name}, the best that is fast enough ({times})"
    return f"nothing is fast enough; {name} is the fastest ({times})"


def considered_table(choice: Choice) -> str:
    """Return the rungs that were looked at, with the times expected of them."""
    rows = [
        (
            rung.name,
            psnr_text(rung),
            tables.ms_text(ms),
            "chosen" if rung == choice.rung else "too slow",
        )
        for rung, ms in choice.considered
    ]
    return tables.table(("rung", "PSNR", "time", ""), rows)


def psnr_text(rung: Rung) -> str:
    """Write the quality that orders the ladder."""
    return "-" if rung.psnr is None else f"{rung.psnr:.2f}"


def _entry(size: Size, choice: Choice) -> Dict[str, Any]:
    return {
        "size": size._asdict(),
        "rung": choice.rung.name,
        "psnr_db": choice.rung.psnr,
        "predicted_ms": choice.predicted_ms,
        "fits": choice.fits,
        "alone": choice.alone,
        "hindrance": choice.hindrance,
        "considered": [
            {"rung": rung.name, "psnr_db": rung.psnr, "predicted_ms": ms}
            for rung, ms in choice.considered
        ],
    }
