"""From a time budget to the upscaler that keeps it, for pictures and for videos."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import Callable, List, Sequence, Union

from pcsr_edge.cli.console import Console
from pcsr_edge.cli.options import device_of
from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.backends import backend_for
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.cache import cache_folder
from pcsr_edge.runtime.ladder.cost_table import CostTable
from pcsr_edge.runtime.ladder.machine import describe_machine
from pcsr_edge.runtime.ladder.rung import BICUBIC
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.gears import Model
from pcsr_edge.runtime.video.paced import PacedUpscaler

ModelName = Union[str, Path]


def refuse_choices(args: argparse.Namespace) -> None:
    """Refuse a choice of classes beside a time budget.

    Raises:
        UsageError: there is one.
    """
    given = (args.k, args.eta, args.force_class)
    if args.adaptive or any(value is not None for value in given):
        raise UsageError(
            "a time budget decides the classes; leave --k, --eta, --adaptive and --class out"
        )


def paced_upscaler(
    args: argparse.Namespace,
    console: Console,
    budget_ms: float,
    names: Callable[[float], Sequence[ModelName]],
    alone: bool = False,
) -> PacedUpscaler:
    """Load bicubic, and the models above it when their costs ask for it.

    Args:
        args: device, threads and precision.
        console: told once that something is measured.
        budget_ms: milliseconds for a frame.
        names: the models for a magnification, best first.
        alone: see `PacedUpscaler`.

    Raises:
        BackendUnavailableError: the device is not there.
    """
    device = device_of(args)
    load = partial(Upscaler.load, device=device, threads=args.threads, say=console.say)
    last = load(BICUBIC)
    # The costs are those of the ladder, which go by what runs graphs.
    machine = describe_machine(last.threads, backend_for(device).name)
    told: List[str] = []

    def measuring(name: str) -> None:
        if not told:
            console.say("measuring what models cost on this machine, once; it is kept")
        told.append(name)
        console.detail(f"measuring {name}")

    def better(scale: float) -> List[Model]:
        bundles = [(name, load_bundle(name)) for name in names(scale)]
        return [
            Model(bundle, args.precision, partial(load, name, precision=args.precision))
            for name, bundle in bundles
            if bundle.name != BICUBIC
        ]

    table = CostTable(machine, cache_folder())
    return PacedUpscaler(
        budget_ms, last, better, table=table, on_measurement=measuring, alone=alone
    )
