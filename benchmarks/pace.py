"""`python -m benchmarks.pace`: how a time budget is kept on a clip of hard and easy scenes.

The clip is drawn from a photograph: a window that moves over it, sharp in every other scene and
blurred in those between. The LR clip is its reduction, so the truth is known. For each budget
between all light and all heavy every frame goes through the upscaler that `upscale --budget-ms`
uses; nothing is decoded or encoded. Writes pace.json and prints the table.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Iterator, List, Optional, Tuple

import numpy as np
from PIL import Image, ImageFilter

from benchmarks.bench import PHOTO
from pcsr_edge.runtime.backends import backend_for
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.cache import cache_folder
from pcsr_edge.runtime.colour import Matrix
from pcsr_edge.runtime.ladder.cost_table import CostTable
from pcsr_edge.runtime.ladder.machine import describe_machine
from pcsr_edge.runtime.resample import downscale
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.convert import from_rgb
from pcsr_edge.runtime.video.frame import Frame, Tags, VideoFacts
from pcsr_edge.runtime.video.gears import Model
from pcsr_edge.runtime.video.pace import report
from pcsr_edge.runtime.video.paced import PacedUpscaler
from pcsr_edge.runtime.video.upscaling import FrameUpscaler
from pcsr_edge.runtime.yuv import YuvFormat

SCALE = 4
SCENE = 50
"""Frames of a scene."""
BLUR = 6.0
"""Radius in HR pixels that leaves little to sharpen."""
SHARES = (0.05, 0.15, 0.3, 0.5, 0.7, 0.9, 0.98)
"""Budgets, from all light (0) to all heavy (1)."""
FORM = YuvFormat()


@dataclass(frozen=True)
class Row:
    """One budget, or one share of work for all frames."""

    budget_ms: Optional[float]
    kept: float
    """Share of the frames within the budget and a tenth."""
    used: float
    """Mean time of a frame by the budget."""
    median_ms: float
    first_ms: List[float]
    """What the first frames took."""
    work: float
    """Mean share of heavy pixels."""
    psnr: float
    """Luma, mean over the frames, before encoding."""


def clip(photo: Path, size: Tuple[int, int], frames: int) -> Iterator[Tuple[Frame, Any]]:
    """Yield LR frames and the luma codes of their truth."""
    whole = Image.open(photo).convert("RGB")
    soft = whole.filter(ImageFilter.GaussianBlur(BLUR))
    height, width = size[0] * SCALE, size[1] * SCALE
    for number in range(frames):
        source = soft if number // SCENE % 2 else whole
        left = 2 * number % max(1, whole.width - width)
        top = number % max(1, whole.height - height)
        window = np.asarray(source.crop((left, top, left + width, top + height)))
        truth = from_rgb(window.astype(np.float32) / np.float32(255), FORM, Matrix.BT709)
        small = downscale(window, SCALE).astype(np.float32) / np.float32(255)
        yield Frame(from_rgb(small, FORM, Matrix.BT709), number), truth.y


def run(upscaler: Upscaler, frames: List[Tuple[Frame, Any]], **options: Any) -> Tuple[Any, float]:
    """Run a clip; return the milliseconds of each frame, and the mean PSNR of luma."""
    planes = frames[0][0].planes
    assert planes is not None
    lr = planes.y.shape[0], planes.y.shape[1]
    facts = VideoFacts(lr, FORM, Matrix.BT709, Tags(1, 1, 1), Fraction(1, 25))
    convert = FrameUpscaler(upscaler, facts, (lr[0] * SCALE, lr[1] * SCALE), options)
    times, psnr = [], []
    for frame, truth in frames:
        begin = time.perf_counter()
        result = convert(frame).planes
        times.append((time.perf_counter() - begin) * 1e3)
        assert result is not None
        error = np.mean((result.y.astype(np.float64) - truth) ** 2)
        psnr.append(10 * np.log10(255**2 / error))
    return times, float(np.mean(psnr))


def fixed(model: str, work: float, threads: int, frames: List[Tuple[Frame, Any]]) -> Row:
    """Give every frame the same work."""
    with Upscaler.load(model, threads=threads) as upscaler:
        times, psnr = run(upscaler, frames, work=work)
    return Row(None, 1.0, 1.0, statistics.median(times), times[:3], work, psnr)


def paced(model: str, budget_ms: float, threads: int, frames: List[Tuple[Frame, Any]]) -> Row:
    """Give every frame what there is time for, with the costs of this machine."""
    better = [Model(load_bundle(model), "fp32", lambda: Upscaler.load(model, threads=threads))]
    last = Upscaler.load("bicubic", threads=threads)
    table = CostTable(describe_machine(threads, backend_for("cpu").name), cache_folder())
    with PacedUpscaler(budget_ms, last, lambda scale: better, table=table) as upscaler:
        _, psnr = run(upscaler, frames)
        assert upscaler.pace is not None
        found, times = report(budget_ms, upscaler.pace), upscaler.pace.times_ms
    median = statistics.median(times)
    work = found.work or 0.0
    return Row(budget_ms, found.kept, found.used, median, times[:3], work, psnr)


def main() -> None:
    """Run the clip at both ends and at budgets between them."""
    parser = argparse.ArgumentParser(description="Hold time budgets against a clip.")
    parser.add_argument("--photo", type=Path, default=PHOTO, help="HR photograph")
    parser.add_argument("--model", default="pcsr-fsrcnn-x4")
    parser.add_argument("--size", type=int, nargs=2, default=(96, 120), metavar=("H", "W"))
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--processor-time",
        action="store_true",
        help="budgets of processor time, where other work on the machine stretches the clock",
    )
    parser.add_argument("-o", "--output", type=Path, default=Path("out/bench"), help="folder")
    args = parser.parse_args()
    if args.processor_time:
        time.perf_counter = time.process_time
    frames = list(clip(args.photo, (args.size[0], args.size[1]), args.frames))
    light, heavy = (fixed(args.model, work, args.threads, frames[:60]) for work in (0.0, 1.0))
    rows = [light]
    for share in SHARES:
        budget = light.median_ms + share * (heavy.median_ms - light.median_ms)
        rows.append(paced(args.model, budget, args.threads, frames))
        print(_line(rows[-1]), flush=True)
    rows += [heavy, fixed(args.model, 0.0, args.threads, frames)]
    rows += [fixed(args.model, 1.0, args.threads, frames)]
    for row in (light, heavy, *rows[-2:]):
        print(_line(row), flush=True)
    args.output.mkdir(parents=True, exist_ok=True)
    document = json.dumps([asdict(row) for row in rows], indent=2)
    (args.output / "pace.json").write_text(document + "\n")


def _line(row: Row) -> str:
    first = ", ".join(f"{ms:.0f}" for ms in row.first_ms)
    budget = "all light or heavy" if row.budget_ms is None else f"{row.budget_ms:.1f} ms"
    return (
        f"{budget}: {100 * row.kept:.1f}% kept, {100 * row.used:.1f}% used, median "
        f"{row.median_ms:.1f} ms, first {first} ms, {100 * row.work:.1f}% heavy, "
        f"{row.psnr:.3f} dB"
    )


if __name__ == "__main__":
    main()
