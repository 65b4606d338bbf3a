"""`pcsr-edge profile`: what frames take on this machine, stage by stage, and the conditions."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from pcsr_edge.cli import options, values


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `profile`."""
    options.set_help(
        parser,
        "Measure what frames take on this machine, and under which conditions. Every chosen\n"
        "model, k, size, device, precision and number of threads is combined with every other;\n"
        "the cases run in turns, after warming up until their times are steady. Sizes are WxH\n"
        "in pixels, before enlarging. Prints Markdown; docs/profiling.md says what it means.",
        "pcsr-edge profile",
        "pcsr-edge profile -n plain-s-x4 -n pcsr-fsrcnn-x4 --k 0 --k 1 --html report.html",
        "pcsr-edge profile --size 480x270 --size 960x540 --threads 1 --threads 4 --csv times.csv",
        "pcsr-edge profile --strict --json before.json",
    )
    _add_models(parser)
    _add_pictures(parser)
    _add_engines(parser)
    _add_measuring(parser)
    _add_reports(parser)
    options.add_messages(parser)


def _add_models(parser: argparse.ArgumentParser) -> None:
    options.add_models(parser)
    options.add_settings(parser)
    parser.add_argument(
        "-s",
        "--scale",
        type=values.scale,
        metavar="S",
        help="magnification (default: what each model was trained for, else 4)",
    )


def _add_pictures(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--size",
        type=values.size,
        action="append",
        default=[],
        metavar="WxH",
        help="of the picture before it is enlarged; may repeat (default: that of --image, else "
        "480x270)",
    )
    parser.add_argument(
        "--image",
        type=Path,
        metavar="FILE",
        help="the picture, cut from the middle or mirrored to size (default: a photograph that "
        "comes along)",
    )
    parser.add_argument(
        "-f",
        "--format",
        choices=("png", "jpg", "webp", "tiff", "mp4"),
        default="png",
        help="what is decoded and encoded (default png); mp4: frames of a video in which the "
        "picture moves",
    )
    parser.add_argument(
        "--no-io", action="store_true", help="leave decoding and encoding of files out"
    )
    options.add_tile(parser)


def _add_engines(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-d",
        "--device",
        type=values.device,
        action="append",
        metavar="auto|cpu|cuda[:N]|trt[:N]",
        help="what runs the models; may repeat; one that is named is never replaced by another "
        "(default auto, or $PCSR_EDGE_DEVICE)",
    )
    parser.add_argument(
        "--precision",
        choices=options.PRECISIONS,
        action="append",
        help="precision of the graphs; may repeat (default fp32); fp16 is for GPUs",
    )
    parser.add_argument(
        "--threads",
        type=values.positive,
        action="append",
        metavar="N",
        help="CPU threads; may repeat (default: all, or $PCSR_EDGE_THREADS)",
    )


def _add_measuring(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--iters",
        type=values.positive,
        default=20,
        metavar="N",
        help="measure N frames of each case at least (default 20)",
    )
    parser.add_argument(
        "--duration",
        type=values.seconds,
        default=3.0,
        metavar="S",
        help="and S seconds of each at least; whichever takes longer (default 3)",
    )
    parser.add_argument(
        "--warmup",
        type=values.natural,
        default=3,
        metavar="N",
        help="run N frames of each case before, at least, and until times are steady; 0: none "
        "(default 3)",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="exit code 5 where the conditions are unsuitable: clocks that change, a lower power "
        "mode, heat, other load, unstable times",
    )


def _add_reports(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--json",
        nargs="?",
        action=_Json,
        default=False,
        metavar="FILE",
        help="write all numbers into FILE; without FILE to stdout, in place of the tables",
    )
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write a line per stage")
    parser.add_argument(
        "--html", type=Path, metavar="FILE", help="write a page to look at, all in one file"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace existing files")
    parser.add_argument("--no-progress", action="store_true", help="show no progress line")


class _Json(argparse.Action):
    """`--json` alone is the flag of all commands; with a file it leaves stdout to the tables."""

    def __call__(
        self, _parser: object, namespace: argparse.Namespace, value: Any, _option: object = None
    ) -> None:
        """Store the file, or that there is none."""
        if value is None:
            namespace.json = True
        else:
            namespace.json_file = Path(value)


def run(args: argparse.Namespace) -> int:
    """Measure, write the reports and print the tables."""
    from pcsr_edge.cli.profiling.command import profile

    args.json_file = getattr(args, "json_file", None)
    args.device = args.device or ["auto"]
    args.threads = args.threads or [None]
    args.precision = args.precision or ["fp32"]
    return profile(args)
