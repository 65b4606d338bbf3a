"""`python -m benchmarks.still`: what a camera that stands still saves, where a fifth of it moves.

A drawn picture stands still; over one box of it another part of the drawing moves. Every frame is
upscaled in turn among frames that differ everywhere, so that it is computed as a whole, and among
its own, where unchanged parts are kept. Both results must be equal. Times are of the processor:
nothing is decoded or encoded. Writes still.json and prints the table.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Iterator, List, Tuple

import numpy as np

from pcsr_edge.runtime.colour import Matrix
from pcsr_edge.runtime.ladder.probe_picture import probe_picture
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.convert import from_rgb
from pcsr_edge.runtime.video.frame import Frame, Tags, VideoFacts
from pcsr_edge.runtime.video.regions import Box
from pcsr_edge.runtime.video.upscaling import FrameUpscaler
from pcsr_edge.runtime.yuv import Yuv, YuvFormat

MODELS = ["plain-s-x4", "pcsr-fsrcnn-x4", "pcsr-fast-x4", "esr-max-x4"]
FORM = YuvFormat()
STEP = 8
"""LR pixels by which the box's content moves from frame to frame; even."""


@dataclass(frozen=True)
class Row:
    """One model at one size."""

    model: str
    size: Tuple[int, int]
    """(h, w) of the input."""
    whole_ms: float
    """Median processor time of a frame that is computed as a whole."""
    kept_ms: float
    """Likewise, where unchanged parts are kept."""
    computed: float
    """Share of the pixels that were computed there, margins included."""


def frames(size: Tuple[int, int], count: int, share: float) -> Iterator[Yuv]:
    """Yield frames of which a share moves, in a box of their shape."""
    drawn = probe_picture(size[0], size[1] + STEP * count).astype(np.float32) / np.float32(255)
    wide = from_rgb(drawn, FORM, Matrix.BT709)
    height, width = (int(side * share**0.5) // 2 * 2 for side in size)
    top, left = (size[0] - height) // 4 * 2, (size[1] - width) // 4 * 2
    box = Box(top, left, top + height, left + width)
    for number in range(count):
        frame = Yuv(*(plane.copy() for plane in Box(0, 0, *size).cut(wide)))
        moved = box._replace(left=left + STEP * number, right=left + width + STEP * number)
        for target, source in zip(box.cut(frame), moved.cut(wide)):
            target[...] = source
        yield frame


def timed(convert: FrameUpscaler, planes: Yuv) -> Tuple[float, Yuv]:
    """Return the milliseconds that a frame takes the processor, and its result."""
    begin = time.process_time()
    result = convert(Frame(planes, 0)).planes
    milliseconds = (time.process_time() - begin) * 1e3
    assert result is not None
    return milliseconds, result


def measured(model: str, size: Tuple[int, int], count: int, share: float) -> Row:
    """Run a clip both ways.

    Raises:
        ValueError: the results differ.
    """
    facts = VideoFacts(size, FORM, Matrix.BT709, Tags(1, 1, 1), Fraction(1, 25))
    times: Tuple[List[float], List[float]] = ([], [])
    with Upscaler.load(model, threads=1) as upscaler:
        scale = int(upscaler.bundle.manifest.scale or 4)
        hr = scale * size[0], scale * size[1]
        whole, kept = (FrameUpscaler(upscaler, facts, hr, {}) for _ in range(2))
        for planes in frames(size, count, share):
            whole(Frame(Yuv(*(plane[:, ::-1] for plane in planes)), 0))
            one, other = timed(whole, planes), timed(kept, planes)
            if any(not np.array_equal(a, b) for a, b in zip(one[1], other[1])):
                raise ValueError(f"{model}: unchanged parts are not what they would be")
            times[0].append(one[0])
            times[1].append(other[0])
    # The first frame has none before it.
    computed = (kept.computed_share * count - 1) / (count - 1)
    whole_ms, kept_ms = (statistics.median(list_[1:]) for list_ in times)
    return Row(model, size, whole_ms, kept_ms, computed)


def main() -> None:
    """Run each model."""
    parser = argparse.ArgumentParser(description="Measure what unchanged parts of frames save.")
    parser.add_argument("--models", nargs="+", default=MODELS)
    parser.add_argument("--size", type=int, nargs=2, default=(432, 768), metavar=("H", "W"))
    parser.add_argument("--frames", type=int, default=7)
    parser.add_argument("--share", type=float, default=0.2, help="of the picture that moves")
    parser.add_argument("-o", "--output", type=Path, default=Path("out/bench"), help="folder")
    args = parser.parse_args()
    rows = []
    for model in args.models:
        row = measured(model, (args.size[0], args.size[1]), args.frames, args.share)
        rows.append(row)
        print(
            f"{model}: whole {row.whole_ms:.1f} ms, kept {row.kept_ms:.1f} ms: "
            f"{row.whole_ms / row.kept_ms:.2f}x; {100 * row.computed:.0f}% computed",
            flush=True,
        )
    args.output.mkdir(parents=True, exist_ok=True)
    document = json.dumps([asdict(row) for row in rows], indent=2)
    (args.output / "still.json").write_text(document + "\n")


if __name__ == "__main__":
    main()
