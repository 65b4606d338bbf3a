"""`pcsr-edge tune`: the best setting for a frame rate on this machine."""

from __future__ import annotations

import argparse
from pathlib import Path

from pcsr_edge.cli import options, values


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `tune`."""
    options.set_help(
        parser,
        "Measure the models and settings of the ladder on pictures of one size, look between the\n"
        "values of k and eta, and name the best setting of which nine of ten frames keep the\n"
        "budget. The costs of all rungs are measured anew and kept, for upscale --fps. Sizes are\n"
        "WxH in pixels, before enlarging.",
        "pcsr-edge tune --size 480x270 --fps 10 -o camera.json",
        "pcsr-edge tune --size 960x540 -s 2 --fps 5 --threads 2",
        "pcsr-edge tune --size 640x360 --budget-ms 200 --image typical.png --json",
    )
    parser.add_argument(
        "--size",
        type=values.size,
        required=True,
        metavar="WxH",
        help="of the pictures before they are enlarged",
    )
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument(
        "--fps", type=values.frame_rate, metavar="F", help="pictures per second to be kept"
    )
    group.add_argument(
        "--budget-ms", type=values.milliseconds, metavar="F", help="milliseconds for a picture"
    )
    parser.add_argument(
        "-s", "--scale", type=values.scale, default=4.0, metavar="S", help="default 4"
    )
    parser.add_argument(
        "--image",
        type=Path,
        metavar="FILE",
        help="what the pictures are like, cut or mirrored to size (default: a drawn picture that "
        "gives models with classes more to do than most photographs)",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="write the setting into FILE, for `pcsr-edge upscale … --config FILE`",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace an existing FILE")
    options.add_device(parser)
    options.add_json(parser)
    options.add_messages(parser)


def run(args: argparse.Namespace) -> int:
    """Measure, print the table, write the setting."""
    from pcsr_edge.cli.tuning.command import tune_machine

    return tune_machine(args)
