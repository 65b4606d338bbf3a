"""`pcsr-edge compare`: one profile held against another."""

from __future__ import annotations

import argparse
from pathlib import Path

from pcsr_edge.cli import options
from pcsr_edge.streams import write_result


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `compare`."""
    options.set_help(
        parser,
        "Hold a profile (B) against an earlier one (A), case by case: times, ratios, and whether\n"
        "the difference exceeds the noise, by a bootstrap of blocks of successive frames\n"
        "(docs/profiling.md). Both must come from one machine in one power mode.",
        "pcsr-edge compare before.json after.json",
        "pcsr-edge compare before.json after.json --stages",
        "pcsr-edge compare xavier.json pi5.json --any-machine --json",
    )
    parser.add_argument("first", type=Path, metavar="A.json", help="a profile: the reference")
    parser.add_argument("second", type=Path, metavar="B.json", help="what is held against it")
    parser.add_argument(
        "--any-machine",
        action="store_true",
        help="compare even where device or power mode differ",
    )
    parser.add_argument("--stages", action="store_true", help="show the stages as well")
    options.add_json(parser)
    options.add_messages(parser)


def run(args: argparse.Namespace) -> int:
    """Compare, and print the table."""
    from pcsr_edge.calib.profiling import compare, read_profile
    from pcsr_edge.cli.profiling.comparison_table import as_json, as_text

    first, second = read_profile(args.first), read_profile(args.second)
    found = compare(first, second, any_machine=args.any_machine)
    if args.json:
        write_result(as_json(first, second, found))
    else:
        write_result(as_text(first, second, found, stages=args.stages))
    return 0
