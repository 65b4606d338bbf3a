"""The table of `models --ladder`: the rungs of a scale, and what each costs on this machine."""

from __future__ import annotations

import argparse
from typing import Any, Dict, List, Mapping, NamedTuple, Sequence, Tuple

from pcsr_edge.cli import reports, tables
from pcsr_edge.cli.choosing import psnr_text
from pcsr_edge.cli.console import Console
from pcsr_edge.cli.values import Size
from pcsr_edge.runtime.ladder import Ladder, Rung
from pcsr_edge.runtime.ladder.auto import DEFAULT_SCALE, AutoUpscaler
from pcsr_edge.runtime.ladder.cost import Cost
from pcsr_edge.runtime.ladder.cost_table import CostTable
from pcsr_edge.streams import write_result

DEFAULT_SIZE = Size(480, 270)
RATES = (1, 5, 30)
"""Frames per second whose rung is shown."""


class Line(NamedTuple):
    """One rung."""

    rung: Rung
    ms: float
    """Expected of a frame."""
    cost: Cost
    rates: Tuple[int, ...]
    """Of `RATES`, those that take it."""
    useful: bool
    """Whether some budget takes it: nothing better is as fast."""


def show(args: argparse.Namespace) -> int:
    """Measure what is not known yet, and print the table.

    Raises:
        EngineError: a rung failed while it was measured.
    """
    console = Console.of(args)
    size = args.size or DEFAULT_SIZE
    scale = args.scale[0] if args.scale else DEFAULT_SCALE
    upscaler = AutoUpscaler(
        threads=args.threads,
        precision=args.precision,
        on_measurement=lambda rung: console.say(f"measuring {rung.name}"),
    )
    with upscaler:
        table = upscaler.table
        assert table is not None
        if args.measure:
            table.forget()
        lines = _lines(upscaler.ladder(scale), table, (size.height, size.width))
    as_text = _json if args.json else _text
    write_result(as_text(lines, size, scale, table.machine))
    return 0


def _lines(ladder: Ladder, table: CostTable, lr: Tuple[int, int]) -> List[Line]:
    steps = ladder.steps(lr)
    taken = {fps: ladder.rung_for(lr, 1000 / fps) for fps in RATES}
    lines: List[Line] = []
    for rung in ladder.rungs:
        ms, cost = ladder.predicted(rung, lr), table.get(rung)
        assert cost is not None
        rates = tuple(fps for fps, choice in taken.items() if choice.fits and choice.rung == rung)
        lines.append(Line(rung, ms, cost, rates, rung in steps))
    return lines


def _text(lines: Sequence[Line], size: Size, scale: int, machine: Mapping[str, str]) -> str:
    rows = [
        (
            line.rung.name,
            psnr_text(line.rung),
            tables.ms_text(line.ms),
            f"{1000 / line.ms:.3g}",
            ", ".join(f"--fps {fps}" for fps in line.rates)
            or ("" if line.useful else "never: slower and worse than another"),
        )
        for line in lines
    ]
    dates = sorted(line.cost.date for line in lines)
    taken = {fps for line in lines for fps in line.rates}
    late = [f"--fps {fps}" for fps in RATES if fps not in taken]
    parts = [
        tables.table(("rung", "PSNR", "time", "per second", "taken by"), rows),
        f"PSNR: dB on Set5, Y, x{scale}. Time: of a {size} picture, expected from measurements\n"
        f"on this machine ({machine['cpu']}; {tables.plural(int(machine['threads']), 'thread')}), "
        f"from {dates[0]} on;\n--measure takes them anew.",
    ]
    if late:
        parts.append(f"too fast for every rung: {', '.join(late)}; the fastest would be taken")
    return "\n\n".join(parts)


def _json(lines: Sequence[Line], size: Size, scale: int, machine: Mapping[str, str]) -> str:
    content: Dict[str, Any] = {
        "scale": scale,
        "size": size._asdict(),
        "machine": machine,
        "rungs": [
            {
                "rung": line.rung.name,
                "model": line.rung.model,
                "options": line.rung.options(),
                "psnr_db": line.rung.psnr,
                "expected_ms": line.ms,
                "constant_ms": line.cost.constant_ms,
                "ms_per_megapixel": line.cost.ms_per_megapixel,
                "measured": line.cost.date,
                "taken_by_fps": line.rates,
                "useful": line.useful,
            }
            for line in lines
        ],
    }
    return reports.document("models", {"ladder": content})
