"""`python -m benchmarks.prediction`: what frames take, against what the cost table says of them.

The table is measured as `upscale --budget-ms` measures it, on the drawn picture. Then frames of a
photograph and of a blurred one, of a size that was not measured, get shares of work between the
measured ones. Two predictions are held against the clock: the curve that is made of the times of
engines against their batch sizes, and a straight line between whole frames. Writes
prediction.json and prints the table.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from benchmarks.bench import PHOTO
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.stopwatch import Stopwatch
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.gears import Gear, GearBox, Model
from pcsr_edge.runtime.video.pace import GearModel, Point
from pcsr_edge.runtime.video.work_curve import WORKS

SHARES = (0.02, 0.05, 0.15, 0.3, 0.45, 0.6, 0.75, 0.85)
RUNS = 5
BLUR = 1.5
"""Radius in LR pixels."""
AMPLE_MS = 60_000.0
"""A budget that every gear keeps."""


@dataclass
class Row:
    """One model and size of frame."""

    model: str
    threads: int
    size: Tuple[int, int]
    engines: float
    """Median of the relative errors of the curve of engines, but for the factor that they share:
    the controller learns it."""
    frames: float
    """Likewise, of lines between whole frames."""
    factor: float
    """Median of the frames' times by the curve of engines."""


def pictures(size: Tuple[int, int]) -> List[npt.NDArray[np.uint8]]:
    """Return two pictures of (h, w): sharp and blurred."""
    photo = Image.open(PHOTO).convert("RGB")
    height, width = size
    photo = photo.resize((photo.width // 2, photo.height // 2), Image.Resampling.LANCZOS)
    sharp = photo.crop((8, 8, 8 + width, 8 + height))
    return [np.asarray(sharp), np.asarray(sharp.filter(ImageFilter.GaussianBlur(BLUR)))]


def measured(model: str, threads: int, sizes: Sequence[Tuple[int, int]]) -> List[Row]:
    """Hold the predictions for one model against the clock."""
    bundle = load_bundle(model)
    last = Upscaler.load("bicubic", threads=threads)
    box = GearBox(last, None, lambda name: None)
    loaded = Model(bundle, "fp32", lambda: Upscaler.load(model, threads=threads))
    rows = []
    for size in sizes:
        gears, curves = box.gears([loaded], 4.0, size[0] * size[1], AMPLE_MS)
        rows.append(_row(model, threads, size, gears[0], curves[0]))
    box.close()
    return rows


def _row(model: str, threads: int, size: Tuple[int, int], gear: Gear, curve: GearModel) -> Row:
    straight = GearModel(tuple(Point(work, curve.milliseconds(work)) for work in WORKS))
    errors: Dict[str, List[float]] = {"engines": [], "frames": []}
    for picture in pictures(size):
        for share in SHARES:
            ms, given = _seen(gear, picture, share)
            errors["engines"].append(_error(curve, given, ms))
            errors["frames"].append(_error(straight, given, ms))
    factor = math.exp(-statistics.median(errors["engines"]))
    return Row(model, threads, size, _spread(errors["engines"]), _spread(errors["frames"]), factor)


def _spread(errors: Sequence[float]) -> float:
    middle = statistics.median(errors)
    return statistics.median(abs(error - middle) for error in errors)


def _seen(gear: Gear, picture: npt.NDArray[Any], share: float) -> Tuple[float, float]:
    """Return the milliseconds of a frame, and the work that it had."""
    options = gear.options(share)
    results = [gear.upscaler.run(picture, scale=4, **options) for _ in range(RUNS + 1)][1:]
    return (
        statistics.median(result.times["total"] for result in results),
        gear.given(results[0].fractions),
    )


def _error(model: GearModel, work: float, ms: float) -> float:
    return math.log(model.milliseconds(work) / ms)


def main() -> None:
    """Hold the predictions for each model against the clock."""
    parser = argparse.ArgumentParser(description="Hold the cost table against frames.")
    models = ["pcsr-fsrcnn-x4", "pcsr-fast-x4", "arm-fsrcnn-x4", "wbsr-fsrcnn-x4"]
    parser.add_argument("--models", nargs="+", default=models)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--processor-time",
        action="store_true",
        help="in place of the clock, which other work on the machine stretches; for one thread",
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("-o", "--output", type=Path, default=Path("out/bench"), help="folder")
    args = parser.parse_args()
    if args.processor_time:
        time.perf_counter = time.process_time
        Stopwatch.clock = staticmethod(time.process_time)
    sizes = [(72, 96), (160, 200)]
    rows = []
    for _ in range(args.rounds):
        for model in args.models:
            for row in measured(model, args.threads, sizes):
                rows.append(row)
                print(_line(row), flush=True)
    args.output.mkdir(parents=True, exist_ok=True)
    document = json.dumps([asdict(row) for row in rows], indent=2)
    (args.output / "prediction.json").write_text(document + "\n")


def _line(row: Row) -> str:
    return (
        f"{row.model}, {row.threads} thread(s), {row.size[1]}x{row.size[0]}: engines "
        f"{100 * row.engines:.1f}% off, whole frames {100 * row.frames:.1f}%, both but for the "
        f"factor {row.factor:.2f}"
    )


if __name__ == "__main__":
    main()
