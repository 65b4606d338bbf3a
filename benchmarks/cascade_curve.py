"""`python -m benchmarks.cascade_curve --hr FOLDER`: a curve over k against plain networks.

The picture is a mosaic of the middles of the folder's first nine. Contenders take turns; times are
of the processor, halved: what two threads would need if they never waited. The line goes through
the plain networks, over the logarithm of the time.
"""

from __future__ import annotations

import argparse
import json
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, List, NamedTuple, Optional, Sequence

import numpy as np

from benchmarks.cascades import cascades
from benchmarks.contenders import Contender
from benchmarks.timing import interleave
from pcsr_edge.runtime.images import picture_files, read_picture, to_8_bit
from pcsr_edge.runtime.quality import psnr
from pcsr_edge.runtime.resample import downscale
from pcsr_edge.runtime.upscaler import Upscaler

SCALE, THREADS = 4, 2
TILE = 368, 560
"""SR height and width of each of the nine."""
PLAIN = ("plain-s-x4", "plain-m-x4", "plain-l-x4")


class Row(NamedTuple):
    """A contender."""

    name: str
    ms: float
    psnr_y: float
    psnr_rgb: float
    heavy: Optional[float]
    """Share of the pixels; None where there are no classes."""


def mosaic(paths: Sequence[Path]) -> Any:
    """Return the middles of nine pictures side by side, uint8; narrow ones are mirrored."""
    middles = [_middle(to_8_bit(read_picture(path).rgb)) for path in paths[:9]]
    rows = [np.concatenate(middles[first : first + 3], axis=1) for first in (0, 3, 6)]
    return np.concatenate(rows)


def _middle(picture: Any) -> Any:
    cut = [slice(max(0, n - m) // 2, max(0, n - m) // 2 + m) for n, m in zip(picture.shape, TILE)]
    part = picture[cut[0], cut[1]]
    lacking = [(0, wanted - n) for wanted, n in zip(TILE, part.shape)]
    return np.pad(part, [*lacking, (0, 0)], mode="reflect")


def measured(hr: Any, rounds: int) -> List[Row]:
    """Run everyone on a picture."""
    lr = downscale(hr, SCALE)
    with ExitStack() as stack:
        plain = [
            Contender(
                name, partial(stack.enter_context(Upscaler.load(name, threads=THREADS)).run, lr)
            )
            for name in PLAIN
        ]
        contenders = [*plain, *cascades(SCALE, lr, THREADS, stack)]
        times = interleave({each.name: each.run for each in contenders}, rounds)
    rows = []
    for name, taken in times.items():
        result = taken.results[-1]
        decibels = [psnr(result.image, hr, channel, SCALE) for channel in ("y", "rgb")]
        heavy = result.fractions[0] if name not in PLAIN else None
        rows.append(Row(name, float(np.median(taken.cpu)) / 2, decibels[0], decibels[1], heavy))
    return sorted(rows, key=lambda row: row.ms)


def above(row: Row, rows: Sequence[Row]) -> float:
    """Return by how many dB (Y) a row lies above the line through the plain networks."""
    line = [each for each in rows if each.name in PLAIN]
    logs = [np.log(each.ms) for each in line]
    return row.psnr_y - float(np.interp(np.log(row.ms), logs, [each.psnr_y for each in line]))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Hold the cascade against plain networks.")
    parser.add_argument("--hr", required=True, type=Path, help="folder of nine HR pictures or more")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("-o", "--output", type=Path, help="write the rows here, as JSON")
    args = parser.parse_args()
    paths = [found.source for found in picture_files([str(args.hr)])]
    rows = measured(mosaic(paths), args.rounds)
    print("| what | ms | PSNR Y | PSNR RGB | heavy | above the line in dB (Y) |")
    print("|" + " --- |" * 6)
    for row in rows:
        heavy = "" if row.heavy is None else f"{row.heavy:.0%}"
        place = "" if row.name in PLAIN else f"{above(row, rows):+.3f}"
        print(
            f"| {row.name} | {row.ms:.0f} | {row.psnr_y:.3f} | {row.psnr_rgb:.3f} | {heavy} | "
            f"{place} |"
        )
    if args.output is not None:
        document = [row._asdict() for row in rows]
        args.output.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
