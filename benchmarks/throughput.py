"""`python -m benchmarks.throughput`: the pipeline of video against its slowest stage alone.

Decoding, upscaling and encoding are timed alone, then all together as `upscale` runs them. Stages
share the processor: with fewer free cores than stages at work, none can be as fast as alone, so
the upscaler and the encoder have one thread each. Writes throughput.json and prints the table.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Callable, List

from benchmarks.endurance import draw
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.av_source import AvSource
from pcsr_edge.runtime.video.encoder import Encoder
from pcsr_edge.runtime.video.encoding import choose_encoding
from pcsr_edge.runtime.video.pipeline import Pipeline
from pcsr_edge.runtime.video.segments import SegmentSink
from pcsr_edge.runtime.video.upscaling import FrameUpscaler

SCALE = 4
SEGMENT = 100


@dataclass
class Row:
    """One model; frames per second."""

    model: str
    decode: float
    upscale: float
    encode: float
    together: float

    @property
    def share(self) -> float:
        """Of the slowest stage's speed that all together reach."""
        return self.together / min(self.decode, self.upscale, self.encode)


def fps(frames: int, work: Callable[[], Any]) -> float:
    """Return how many frames a second a piece of work does."""
    begin = time.perf_counter()
    work()
    return frames / (time.perf_counter() - begin)


def measured(model: str, source: Path, preset: str) -> Row:
    """Time the stages of a film, one by one and together."""
    with Upscaler.load(model, threads=1) as upscaler:
        reader = AvSource(source, 1)
        facts = reader.facts
        size = facts.size[0] * SCALE, facts.size[1] * SCALE
        frames: List[Any] = []
        decode = fps(reader.inventory.frames, lambda: frames.extend(reader.frames()))
        reader.close()
        convert = FrameUpscaler(upscaler, facts, size, {})
        convert(frames[0])
        large: List[Any] = []
        upscale = fps(len(frames), lambda: large.extend(map(convert, frames)))
        options = {"preset": preset}
        encoding = choose_encoding(Path("out.mp4"), facts.form.bits, options=options, threads=1)
        sinks = [
            SegmentSink(Path(folder), [], SEGMENT, lambda: Encoder(encoding, facts, size))
            for folder in (tempfile.mkdtemp(dir=source.parent) for _ in range(2))
        ]
        encode = fps(len(frames), lambda: ([sinks[0].write(f) for f in large], sinks[0].finish()))
        large.clear()
        again = AvSource(source, 1)
        pipeline = Pipeline(again.frames(), FrameUpscaler(upscaler, facts, size, {}), sinks[1])
        together = fps(len(frames), lambda: (pipeline.run(), sinks[1].finish()))
        again.close()
    return Row(model, decode, upscale, encode, together)


def main() -> None:
    """Time each model."""
    parser = argparse.ArgumentParser(description="Hold the pipeline against its slowest stage.")
    parser.add_argument("--models", nargs="+", default=["pcsr-fsrcnn-x4", "plain-s-x4", "bicubic"])
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--size", type=int, nargs=2, default=(96, 128), metavar=("H", "W"))
    parser.add_argument("--preset", default="veryfast", help="of x264")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("-o", "--output", type=Path, default=Path("out/bench"), help="folder")
    args = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "in.mp4"
        draw(source, args.frames, args.size[0], args.size[1])
        for _ in range(args.rounds):
            for model in args.models:
                rows.append(measured(model, source, args.preset))
                print(_line(rows[-1]), flush=True)
    args.output.mkdir(parents=True, exist_ok=True)
    document = [{**asdict(row), "share": row.share} for row in rows]
    (args.output / "throughput.json").write_text(json.dumps(document, indent=2) + "\n")


def _line(row: Row) -> str:
    return (
        f"{row.model}: decoding {row.decode:.1f}, upscaling {row.upscale:.1f}, encoding "
        f"{row.encode:.1f}, together {row.together:.1f} fps: {100 * row.share:.0f}% of the slowest"
    )


if __name__ == "__main__":
    main()
