"""`pcsr-edge calibrate`: tables that are measured on pictures and stored in a bundle."""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import Mapping

from pcsr_edge.cli import options

KINDS: Mapping[str, str] = {
    "edge-psnr": "pcsr_edge.cli.calibrate.edge_psnr",
    "gradient-map": "pcsr_edge.cli.calibrate.gradient_map",
}
"""Kind of calibration → its module, which has `add_arguments(parser)` and `run(args) -> int`."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what all kinds share, and each kind's own arguments."""
    options.set_help(
        parser,
        "Measure a bundle on a folder of pictures (HR), and store what was found in it. Of\n"
        "supernets: which patches take which subnet, by edges (method arm) or by gradients\n"
        "(method wbsr).",
        "pcsr-edge calibrate edge-psnr my-arm/ --images kodak/",
        "pcsr-edge calibrate edge-psnr my-arm/ --images kodak/ --costs time --plot table.png",
        "pcsr-edge calibrate gradient-map my-wbsr/ --images kodak/ --categories 30 --json",
    )
    parser.add_argument("kind", choices=sorted(KINDS), metavar="KIND", help=" or ".join(KINDS))
    parser.add_argument("bundle", metavar="BUNDLE_DIR", help="a bundle's folder")
    parser.add_argument(
        "--images", required=True, metavar="DIR", help="folder of pictures to measure on"
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="DIR",
        help="leave the bundle as it is, and write a copy of it with what was found",
    )
    for module in KINDS.values():
        import_module(module).add_arguments(parser)
    parser.add_argument("--no-progress", action="store_true", help="show no progress line")
    options.add_device(parser)
    options.add_json(parser)
    options.add_messages(parser)


def run(args: argparse.Namespace) -> int:
    """Calibrate and print what was found."""
    code: int = import_module(KINDS[args.kind]).run(args)
    return code
