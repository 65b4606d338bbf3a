"""`pcsr-edge models --published`: what edge-SR's authors measured, as a table to choose from."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, List, Optional

from pcsr_edge.cli import values
from pcsr_edge.cli.report_files import check_report
from pcsr_edge.errors import UsageError

if TYPE_CHECKING:
    from pcsr_edge.runtime.published import Group, Selection

SHOWN = 10
"""Models per device and scale in a table for people, where no limit is given."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --published and what goes with it."""
    group = parser.add_argument_group(
        "published measurements",
        "The 1185 edge-SR, ESPCN, FSRCNN and bicubic models that edge-SR's authors measured.",
    )
    group.add_argument("--published", action="store_true", help="show them in place of our models")
    _add_filters(group)
    group.add_argument(
        "--sort",
        metavar="ORDER",
        help="psnr, fps, power (agx alone), parameters or model; best first (default psnr)",
    )
    group.add_argument(
        "--limit",
        type=values.natural,
        metavar="N",
        help=f"at most N models per device and scale, 0: all (default {SHOWN} in the table, all "
        "in JSON and CSV)",
    )
    group.add_argument("--csv", type=Path, metavar="FILE", help="write the table into FILE")
    group.add_argument(
        "--plot", type=Path, metavar="FILE.png", help="draw speed against PSNR into FILE.png"
    )
    group.add_argument("--overwrite", action="store_true", help="replace existing FILEs")


def _add_filters(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--device",
        action="append",
        default=[],
        metavar="NAME",
        help="agx (Jetson AGX Xavier), rpi400 (Raspberry Pi 400) or gtx1080 (GTX 1080 Max-Q); "
        "may repeat (default: all)",
    )
    group.add_argument(
        "-s",
        "--scale",
        type=values.positive,
        action="append",
        default=[],
        metavar="S",
        help="2, 3 or 4; may repeat (default: all)",
    )
    group.add_argument(
        "--family",
        action="append",
        default=[],
        metavar="NAME",
        help="e.g. eSR-TM or ESPCN; may repeat (default: all)",
    )
    group.add_argument(
        "--min-fps",
        type=values.frame_rate,
        metavar="F",
        help="at least F Full-HD pictures a second",
    )
    group.add_argument(
        "--data",
        metavar="SET",
        help="Set5, Set14, BSDS100, Urban100 or Manga109: whose PSNR counts (default Set5)",
    )
    group.add_argument(
        "--pareto",
        action="store_true",
        help="only models that no other of the same device and scale beats in speed and PSNR",
    )


def check_arguments(args: argparse.Namespace) -> None:
    """Refuse options that have no sense together.

    Raises:
        UsageError: they have none.
    """
    if args.published:
        if args.name:
            raise UsageError(f"--published takes no model's name, got {args.name!r}; see --family")
        return
    named = ("device", "scale", "family", "min_fps", "data", "sort", "limit", "csv", "plot")
    given = [name for name in named if getattr(args, name) not in (None, [])]
    given += [name for name in ("pareto", "overwrite") if getattr(args, name)]
    if given:
        option = f"--{given[0].replace('_', '-')}"
        raise UsageError(f"{option} is for the published measurements; add --published")


def selection_of(args: argparse.Namespace) -> Selection:
    """Return what the options ask for."""
    from pcsr_edge.runtime.published import Selection

    return Selection(
        devices=tuple(args.device),
        scales=tuple(args.scale),
        families=tuple(args.family),
        min_fps=args.min_fps or 0.0,
        data=args.data or "Set5",
        pareto=args.pareto,
        order=args.sort or "psnr",
    )


def run(args: argparse.Namespace) -> int:
    """Select, print, write the files that are asked for."""
    from pcsr_edge.cli import published_plot, published_table
    from pcsr_edge.runtime.images.atomic import write_atomically
    from pcsr_edge.runtime.published import select

    _check_files(args)
    wanted = selection_of(args)
    groups = select(wanted)
    if args.plot is not None:
        picture = published_plot.draw(groups, wanted.data)
        write_atomically(args.plot, picture, args.overwrite)
    if args.csv is not None:
        table = published_table.as_csv(_limited(groups, args.limit))
        write_atomically(args.csv, table, args.overwrite)
    if args.json:
        print(published_table.as_json(_limited(groups, args.limit), wanted.data))
    else:
        shown = SHOWN if args.limit is None else args.limit
        print(published_table.as_text(groups, _limited(groups, shown), wanted.data))
    return 0


def _limited(groups: List[Group], limit: Optional[int]) -> List[Group]:
    return [group.first(limit) for group in groups] if limit else groups


def _check_files(args: argparse.Namespace) -> None:
    if args.plot is not None and args.plot.suffix.lower() != ".png":
        raise UsageError(f"the plot {args.plot} must be a .png file")
    for path in (args.csv, args.plot):
        if path is not None:
            check_report(path, args.overwrite)
    if args.csv is not None and args.csv == args.plot:
        raise UsageError(f"--csv and --plot both name {args.csv}; give another name")
