"""`pcsr-edge calibrate`: what is found out from pictures, and put into a bundle."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pcsr_edge.cli import options, reports
from pcsr_edge.cli.console import Console
from pcsr_edge.streams import write_result

if TYPE_CHECKING:
    from pcsr_edge.calib.int8.calibrate import Int8Report

INT8 = "int8"
RANGES = {
    "percentile": ("percentile",),
    "entropy": ("entropy",),
    "both": ("percentile", "entropy"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `calibrate`."""
    options.set_help(
        parser,
        "Add graphs in int8 to a bundle: ranges of activations are found on pictures, layers that\n"
        "harm the result stay in float32. Exit code 4 if PSNR changes by more than 0.15 dB.",
        "pcsr-edge calibrate int8 my-bundle --images photographs/",
        "pcsr-edge calibrate int8 plain-m-x4 -o plain-m-int8",
        "pcsr-edge upscale in.png out.png -m plain-m-int8 --precision int8",
    )
    parser.add_argument("what", choices=(INT8,), help="what to calibrate")
    parser.add_argument("bundle", metavar="BUNDLE", help="a model's name, or a bundle's folder")
    parser.add_argument(
        "--images",
        type=Path,
        metavar="DIR",
        help="HR pictures like those to be upscaled (default: part of a photograph, and drawings)",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="DIR",
        help="folder for the result (default: the bundle's own, which is replaced)",
    )
    parser.add_argument(
        "--ranges",
        choices=sorted(RANGES),
        default="percentile",
        help="how ranges are found; both: the better one, which takes longer (default percentile)",
    )
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="replace int8 graphs, or a bundle, that are there",
    )
    options.add_json(parser)
    options.add_messages(parser)


def run(args: argparse.Namespace) -> int:
    """Calibrate, and print what came of it."""
    from pcsr_edge.calib.int8.calibrate import calibrate_int8, check_calibration
    from pcsr_edge.calib.pictures import judging_pairs, judging_scale
    from pcsr_edge.runtime.bundle import load_bundle

    bundle = load_bundle(args.bundle)
    folder = args.output or bundle.folder
    # Before the pictures are read.
    check_calibration(bundle, folder, args.overwrite)
    report = calibrate_int8(
        bundle,
        folder,
        judging_pairs(args.images, judging_scale(bundle.manifest)),
        finders=RANGES[args.ranges],
        overwrite=args.overwrite,
        say=Console.of(args).say,
    )
    if args.json:
        write_result(reports.document("calibrate", report.to_dict()))
    elif not args.quiet:
        write_result(_text(report))
    return 0


def _text(report: Int8Report) -> str:
    kept = ", ".join(map(str, report.float_layers)) or "none"
    return "\n".join(
        [
            f"{report.bundle.folder}: {len(report.found.chosen)} layers in int8, ranges by "
            f"{report.finder}",
            f"layers that stay in float: {kept}",
            f"PSNR: {report.found.change:+.3f} dB at worst, {report.cpu_change:+.3f} dB on the CPU",
        ]
    )
