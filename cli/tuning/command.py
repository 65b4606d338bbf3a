"""`tune` from its arguments to the setting."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from typing import List, Mapping, Sequence, Tuple

from pcsr_edge.calib.profiling import Summary
from pcsr_edge.calib.tuner import NEAR, Tuning, tune
from pcsr_edge.cli.console import Console
from pcsr_edge.cli.interruption import on_interrupt
from pcsr_edge.cli.options import device_of
from pcsr_edge.cli.profiling.picture import Pixels, check_pixels, of_size, read_sample
from pcsr_edge.cli.report_files import check_report
from pcsr_edge.cli.tables import plural
from pcsr_edge.cli.tuning.rung_bench import RungBench
from pcsr_edge.cli.tuning.setting import config, options_of
from pcsr_edge.cli.tuning.table import as_json, as_text
from pcsr_edge.jetson import cautions, conditions
from pcsr_edge.runtime.images.atomic import write_atomically
from pcsr_edge.runtime.ladder import Rung
from pcsr_edge.runtime.ladder.auto import AutoUpscaler
from pcsr_edge.runtime.ladder.probe_picture import probe_picture
from pcsr_edge.runtime.options import frame_budget
from pcsr_edge.streams import write_result


def tune_machine(args: argparse.Namespace) -> int:
    """Measure, print the table, write the setting; 1 where nothing keeps the budget.

    Raises:
        PcsrEdgeError: a picture, a device or a model cannot be used.
    """
    console = Console.of(args)
    if args.output is not None:
        check_report(args.output, args.overwrite)
    picture = _picture(args)
    for caution in cautions(conditions(), (), ()):
        console.warn(caution.text)
    found, machine = _search(args, picture, console)
    chosen = found.chosen
    options = None if chosen is None else options_of(args, chosen, int(machine["threads"]))
    if args.json:
        write_result(as_json(args, found, machine, options))
    else:
        write_result(as_text(args, found))
    if chosen is None:
        console.error(_hopeless(args, found))
        return 1
    if args.output is not None:
        text = config(args, found, chosen, machine)
        write_atomically(args.output, text.encode("utf-8"), args.overwrite)
        console.say(f"wrote {args.output}; upscale reads it with --config {args.output}")
    return 0


def _picture(args: argparse.Namespace) -> Pixels:
    if args.image is not None:
        return of_size(read_sample(args.image), args.size)
    check_pixels(args.size)
    return probe_picture(args.size.height, args.size.width)


def _search(
    args: argparse.Namespace, picture: Pixels, console: Console
) -> Tuple[Tuning, Mapping[str, str]]:
    """Measure the costs anew, then what comes near the budget at the very size."""
    budget = frame_budget(args.fps, args.budget_ms)
    assert budget is not None
    size = args.size.height, args.size.width

    def tell(rung: Rung) -> None:
        console.detail(f"what {rung.name} costs")

    with ExitStack() as stack:
        upscaler = AutoUpscaler(
            device=device_of(args),
            threads=args.threads,
            precision=args.precision,
            on_measurement=tell,
        )
        stack.enter_context(upscaler)
        table, ladder = upscaler.table, upscaler.ladder(args.scale)
        assert table is not None
        bench = RungBench(args, picture, stack)
        stack.enter_context(on_interrupt(bench.cancel))
        table.forget()
        console.say(f"measuring what {plural(len(ladder.rungs), 'rung')} cost on this machine")

        def measure(rungs: Sequence[Rung]) -> List[Summary]:
            console.say(f"timing {', '.join(rung.name for rung in rungs)} at {args.size}")
            return bench.measure(rungs)

        found = tune(
            ladder.rungs,
            budget,
            lambda rung: ladder.predicted(rung, size, NEAR * budget),
            measure,
        )
        return found, table.machine


def _hopeless(args: argparse.Namespace, found: Tuning) -> str:
    fastest = found.fastest
    assert fastest.times is not None
    return (
        f"nothing keeps {found.budget_ms:.4g} ms at {args.size}; the fastest is "
        f"{fastest.rung.name}, of which nine of ten frames take {fastest.times.p90:.1f} ms: take "
        "smaller pictures, a smaller scale or a lower frame rate"
    )
