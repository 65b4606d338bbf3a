"""`pcsr-edge calibrate gradient-map`: WBSR's map from gradient vectors to subnets."""

from __future__ import annotations

import argparse
from dataclasses import replace

from pcsr_edge.cli import values
from pcsr_edge.cli.calibrate import patch_work

CATEGORIES = 30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `--categories` and `--eta`."""
    parser.add_argument(
        "--categories",
        type=values.positive,
        metavar="K",
        help=f"gradient-map: categories of gradients (default {CATEGORIES})",
    )
    parser.add_argument(
        "--eta",
        type=values.not_negative,
        metavar="F",
        help="gradient-map: eta at which the curve over K is measured (default: the bundle's)",
    )


def run(args: argparse.Namespace) -> int:
    """Measure, store and print the map and the curve over K."""
    from pcsr_edge.calib.patch_tables import category_curve, gradient_map

    count = CATEGORIES if args.categories is None else args.categories
    found = patch_work.measure(args, "wbsr")
    manifest = found.bundle.manifest
    eta = manifest.default_eta if args.eta is None else args.eta
    count = min(count, patch_work.MOST_CATEGORIES)
    made_of = manifest, found.samples, found.costs
    return patch_work.finish(
        args,
        found,
        replace(
            gradient_map(*made_of, found.source, count, found.rule),
            curve=category_curve(*made_of, eta, found.rule),
        ),
    )
