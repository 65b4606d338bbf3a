"""Methods that choose, side by side: measured time against PSNR of arm, wbsr and pcsr.

    python -m benchmarks.by_patch --hr kodak/ -o docs/images/methods.png

Each setting of each model upscales every picture in turn, round by round; a point is the mean PSNR
(RGB) over the pictures against the sum of the medians of processor time.
"""

from __future__ import annotations

import argparse
import json
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Tuple

import numpy as np

from benchmarks.pairs import pairs_of
from benchmarks.timing import Spread, interleave
from pcsr_edge.runtime.images import picture_files
from pcsr_edge.runtime.quality import psnr
from pcsr_edge.runtime.upscaler import Upscaler

SCALE = 4
MODELS: Dict[str, List[Dict[str, Any]]] = {
    "arm-fsrcnn-x4": [{"eta": eta} for eta in (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 32.0)],
    "wbsr-fsrcnn-x4": [{"eta": eta} for eta in (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 32.0)],
    "pcsr-fsrcnn-x4": [{"k": k} for k in (0.0, 0.5, 1.0, 2.0)],
    "plain-s-x4": [{}],
    "plain-m-x4": [{}],
}
"""Name → the settings that make its curve."""
COLOURS = ("#D55E00", "#0072B2", "#009E73", "#E69F00", "#CC79A7")


class Point(NamedTuple):
    """A model at one setting."""

    model: str
    setting: str
    ms: float
    """Processor time per picture."""
    psnr: float


def points_of(pairs: List[Tuple[Any, Any]], rounds: int, threads: int) -> List[Point]:
    """Measure every setting of every model."""
    with ExitStack() as stack:
        runs: Dict[Tuple[str, str], Any] = {}
        for name, settings in MODELS.items():
            up = stack.enter_context(Upscaler.load(name, threads=threads))
            for options in settings:
                label = ", ".join(f"{key}={value:g}" for key, value in options.items())
                runs[name, label] = partial(up.run, **options)
        times = dict.fromkeys(runs, 0.0)
        quality: Dict[Tuple[str, str], List[float]] = {key: [] for key in runs}
        for hr, lr in pairs:
            contenders = {"\t".join(key): partial(run, lr) for key, run in runs.items()}
            for text, found in interleave(contenders, rounds).items():
                name, label = text.split("\t")
                times[name, label] += Spread.of(found.cpu).median
                quality[name, label].append(psnr(found.results[-1].image, hr, "rgb", SCALE))
    return [Point(*key, times[key] / len(pairs), float(np.mean(quality[key]))) for key in runs]


def draw(points: List[Point], path: Path) -> None:
    """Write the figure as PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.0, 5.5), dpi=120, layout="constrained")
    axes = figure.subplots()
    for name, colour in zip(MODELS, COLOURS):
        curve = [point for point in points if point.model == name]
        marker = "o" if len(curve) > 1 else "s"
        xs, ys = [p.ms for p in curve], [p.psnr for p in curve]
        axes.plot(xs, ys, marker=marker, color=colour, linewidth=1.2, label=name)
        for point in curve:
            axes.annotate(
                point.setting, (point.ms, point.psnr), xytext=(4, -9), textcoords="offset points",
                fontsize=6.5,
            )  # fmt: skip
    axes.set_xlabel("processor time per picture, ms")
    axes.set_ylabel("PSNR, dB (RGB)")
    axes.grid(True, linewidth=0.4, alpha=0.35)
    axes.legend(loc="lower right")
    figure.savefig(path, format="png", metadata={"Software": None})


def main() -> None:
    """Measure, draw and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hr", required=True, help="folder of pictures")
    parser.add_argument("--pictures", type=int, default=4, help="of them, evenly chosen")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    files = picture_files([args.hr])
    chosen = files[:: max(1, len(files) // args.pictures)][: args.pictures]
    pairs = pairs_of([found.source for found in chosen], SCALE)
    points = points_of(pairs, args.rounds, args.threads)
    draw(points, args.output)
    print(json.dumps([point._asdict() for point in points], indent=1))


if __name__ == "__main__":
    main()
