"""`python -m benchmarks.eta_curve BUNDLE --hr FOLDER`: a supernet's eta against its fixed subnets.

Prints PSNR (RGB, mean over pictures) and the cost by the bundle's table for every eta, and how far
each lies above the line between the fixed subnets.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, Dict, List, NamedTuple

import numpy as np

from benchmarks.pairs import Pair, pairs_of
from pcsr_edge.runtime.images import picture_files
from pcsr_edge.runtime.patch_table import load_table
from pcsr_edge.runtime.quality import psnr
from pcsr_edge.runtime.upscaler import Upscaler

ETAS = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 16.0, 32.0, 1000.0)


class Point(NamedTuple):
    """A setting."""

    cost: float
    """Mean over pictures, as a share of the widest subnet's."""
    psnr: float


def reached(up: Upscaler, pairs: List[Pair], options: Dict[str, Any]) -> Point:
    """Return what a setting costs and gives on pictures."""
    table = load_table(up.bundle)
    scale = int(up.bundle.manifest.scale or 0)
    results = [up.run(lr, **options) for _, lr in pairs]
    costs = [float(np.dot(table.costs, result.fractions)) for result in results]
    decibels = [psnr(r.image, hr, "rgb", scale) for r, (hr, _) in zip(results, pairs)]
    return Point(float(np.mean(costs)), float(np.mean(decibels)))


def above(point: Point, fixed: List[Point]) -> float:
    """Return by how many dB a point lies above the line through the fixed subnets."""
    line = sorted(fixed)
    costs, decibels = [each.cost for each in line], [each.psnr for each in line]
    return point.psnr - float(np.interp(point.cost, costs, decibels))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Hold eta against fixed subnets.")
    parser.add_argument("bundle", help="name or folder of a supernet with its table")
    parser.add_argument("--hr", required=True, type=Path, help="folder of HR pictures")
    parser.add_argument("-o", "--output", type=Path, help="write the points here, as JSON")
    args = parser.parse_args()
    with Upscaler.load(args.bundle, device="cpu") as up:
        scale = int(up.bundle.manifest.scale or 0)
        pairs = pairs_of([found.source for found in picture_files([str(args.hr)])], scale)
        classes = range(len(up.bundle.manifest.classes))
        fixed = [reached(up, pairs, {"force_class": j}) for j in classes]
        found = {eta: reached(up, pairs, {"eta": eta}) for eta in ETAS}
    for number, point in enumerate(fixed):
        print(f"class {number}: {point.psnr:.3f} dB at {point.cost:.1%}")
    print("| η | PSNR | cost | above the line |", "| --- | --- | --- | --- |", sep="\n")
    for eta, point in found.items():
        print(f"| {eta:g} | {point.psnr:.3f} | {point.cost:.0%} | {above(point, fixed):+.3f} |")
    if args.output is not None:
        document = {"fixed": fixed, "eta": {f"{eta:g}": point for eta, point in found.items()}}
        args.output.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
