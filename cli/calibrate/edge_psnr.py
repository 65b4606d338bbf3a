"""`pcsr-edge calibrate edge-psnr`: ARM's table from edge scores to PSNR."""

from __future__ import annotations

import argparse

from pcsr_edge.cli import values
from pcsr_edge.cli.calibrate import patch_work


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of both tables for patches, and `--bins`."""
    parser.add_argument(
        "--costs",
        choices=(patch_work.FLOPS, patch_work.TIME),
        help="tables: what subnets cost: FLOPs, or the time measured on this processor (default "
        f"{patch_work.FLOPS})",
    )
    parser.add_argument(
        "--rule",
        choices=("picture", "article"),
        help="tables: by which PSNR patches get their subnets: that of the picture, made of "
        "squared errors, or the mean of its patches', as in the articles (default picture)",
    )
    parser.add_argument("--plot", metavar="FILE", help="tables: draw it into FILE, as PNG")
    parser.add_argument(
        "--bins", type=values.positive, metavar="N", help="edge-psnr: bins of scores (default 30)"
    )


def run(args: argparse.Namespace) -> int:
    """Measure, store and print the table."""
    from pcsr_edge.calib.patch_tables import EDGE_BINS, edge_psnr_table

    bins = EDGE_BINS if args.bins is None else min(args.bins, patch_work.MOST_CATEGORIES)
    found = patch_work.measure(args, "arm")
    table = edge_psnr_table(
        found.bundle.manifest, found.samples, found.costs, found.source, bins, found.rule
    )
    return patch_work.finish(args, found, table)
