"""`pcsr-edge calibrate`: what is found out from pictures, and put into a bundle."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path
from typing import Mapping, Tuple

from pcsr_edge.cli import options
from pcsr_edge.errors import UsageError

KINDS: Mapping[str, str] = {
    "int8": "pcsr_edge.cli.calibrate.int8",
    "edge-psnr": "pcsr_edge.cli.calibrate.edge_psnr",
    "gradient-map": "pcsr_edge.cli.calibrate.gradient_map",
}
"""Kind of calibration → its module, which has `add_arguments(parser)` and `run(args) -> int`."""
_TABLES = ("edge-psnr", "gradient-map")
OF_KINDS: Mapping[str, Tuple[str, ...]] = {
    "ranges": ("int8",),
    "overwrite": ("int8",),
    "costs": _TABLES,
    "rule": _TABLES,
    "plot": _TABLES,
    "no_progress": _TABLES,
    "bins": ("edge-psnr",),
    "categories": ("gradient-map",),
    "eta": ("gradient-map",),
}
"""Option → the kinds that know it; not the device, which the environment may give."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what all kinds share, and each kind's own arguments."""
    options.set_help(
        parser,
        "Measure a bundle on pictures (HR), and store what was found in it.\n"
        "int8: graphs in int8. Ranges of activations are found on the pictures, layers that harm\n"
        "the result stay in float32. Exit code 4 if PSNR changes by more than 0.15 dB, on the CPU\n"
        "or on the device that is named.\n"
        "edge-psnr, gradient-map: which patches take which subnet of a supernet, by edges (method\n"
        "arm) or by gradients (method wbsr).",
        "pcsr-edge calibrate int8 my-bundle --images photographs/",
        "pcsr-edge calibrate int8 plain-m-x4 -o plain-m-int8",
        "pcsr-edge upscale in.png out.png -m plain-m-int8 --precision int8",
        "pcsr-edge calibrate edge-psnr my-arm --images kodak/ --costs time --plot table.png",
        "pcsr-edge calibrate gradient-map my-wbsr --images kodak/ --categories 30 --json",
    )
    parser.add_argument("kind", choices=tuple(KINDS), metavar="KIND", help=" or ".join(KINDS))
    parser.add_argument("bundle", metavar="BUNDLE", help="a model's name, or a bundle's folder")
    parser.add_argument(
        "--images",
        type=Path,
        metavar="DIR",
        help="HR pictures like those to be upscaled (default: part of a photograph, and drawings; "
        "tables need a folder)",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="DIR",
        help="folder for the result (default: the bundle's own, in which it is replaced)",
    )
    for module in KINDS.values():
        import_module(module).add_arguments(parser)
    parser.add_argument("--no-progress", action="store_true", help="show no progress line")
    options.add_device_alone(parser)
    options.add_json(parser)
    options.add_messages(parser)


def run(args: argparse.Namespace) -> int:
    """Calibrate and print what was found.

    Raises:
        UsageError: an option is of another kind.
    """
    for name, kinds in OF_KINDS.items():
        value = getattr(args, name)
        # Not by equality: 0 is a value, and equals False.
        if args.kind not in kinds and value is not None and value is not False:
            option = "--" + name.replace("_", "-")
            raise UsageError(f"{option} is for {' and '.join(kinds)}; leave it out")
    code: int = import_module(KINDS[args.kind]).run(args)
    return code
