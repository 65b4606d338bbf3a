"""`pcsr-edge models --ladder`: what `upscale --fps` chooses from."""

from __future__ import annotations

import argparse

from pcsr_edge.cli import options, values
from pcsr_edge.errors import UsageError

ONLY_PUBLISHED = (
    "device",
    "family",
    "min_fps",
    "data",
    "sort",
    "limit",
    "csv",
    "plot",
    "pareto",
    "overwrite",
)
"""What goes with --published and not with --ladder."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --ladder and what goes with it; its scale is the -s of --published."""
    group = parser.add_argument_group(
        "ladder",
        "The models and settings of a scale, best first, and what each costs on this machine.\n"
        "Costs are measured once, and kept in the user's cache.",
    )
    group.add_argument(
        "--ladder", action="store_true", help="show the ladder of the scale -s (default 4)"
    )
    group.add_argument(
        "--size",
        type=values.size,
        metavar="WxH",
        help="of the pictures before they are enlarged (default 480x270)",
    )
    group.add_argument(
        "--measure", action="store_true", help="measure again, e.g. when the machine is quiet"
    )
    options.add_engine(group)


def check_arguments(args: argparse.Namespace) -> None:
    """Refuse options that have no sense together.

    Raises:
        UsageError: they have none.
    """
    if not args.ladder:
        if args.size is not None or args.measure:
            raise UsageError(f"{'--size' if args.size else '--measure'} is for --ladder; add that")
        return
    given = [f"--{name.replace('_', '-')}" for name in ONLY_PUBLISHED if getattr(args, name)]
    given += ["--published"] if args.published else []
    given += [args.name] if args.name else []
    if given:
        raise UsageError(f"--ladder shows all models of a scale; leave {given[0]} out")
    if len(args.scale) > 1:
        raise UsageError("--ladder shows one scale at a time; give one -s")


def run(args: argparse.Namespace) -> int:
    """Measure what is not known yet, and print the table."""
    from pcsr_edge.cli.ladder_table import show

    return show(args)
