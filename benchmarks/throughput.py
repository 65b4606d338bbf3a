"""`python -m benchmarks.throughput`: the pipeline of video against its slowest stage alone.

Decoding, upscaling and encoding are timed alone, then all together as `upscale` runs them. Stages
share the processor: with fewer free cores than stages at work, none can be as fast as alone, so
the upscaler and the encoder have one thread each, and two cores must be free. Cores that work at
once slow each other down, by what they share; so each of the two is timed as well while the other
runs in a process of its own, from which it takes nothing: faster than the slower of them no
pipeline can be on the machine. Stages that wait in place of computing show what the pipeline
itself costs. Writes throughput.json and prints the table.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Callable, Iterator, List, NamedTuple, Sequence

import numpy as np

from benchmarks.beside import Stages, beside, segments
from benchmarks.endurance import draw
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.av_source import AvSource
from pcsr_edge.runtime.video.frame import Frame
from pcsr_edge.runtime.video.pipeline import (
    Pipeline,
    depth_before_encoder,
    depth_before_upscaler,
)
from pcsr_edge.runtime.video.segments import SegmentSink
from pcsr_edge.runtime.video.upscaling import FrameUpscaler

SCALE = 4
WAITS = (0.012, 0.03, 0.024)
"""Mean seconds of decoding, upscaling and encoding a frame, where they wait."""


@dataclass
class Row:
    """One model; frames per second."""

    model: str
    decode: float
    upscale: float
    encode: float
    together: float
    upscale_beside: float
    """While another process encodes; likewise below."""
    encode_beside: float
    processor_ms: float
    """Processor time of a frame: the sum of the three stages, each alone."""
    processor_together_ms: float
    """Likewise, all together."""

    @property
    def share(self) -> float:
        """Of the slowest stage's speed that all together reach."""
        return self.together / min(self.decode, self.upscale, self.encode)

    @property
    def share_beside(self) -> float:
        """Likewise, where the other stages are at work in processes of their own."""
        return self.together / min(self.decode, self.upscale_beside, self.encode_beside)


class Speed(NamedTuple):
    """How fast a piece of work was."""

    fps: float
    processor_ms: float
    """Of a frame."""


class WaitingSink:
    """A `FrameSink` that takes its time, and does nothing."""

    def __init__(self, waits: Sequence[float]) -> None:
        self._waits = iter(waits)

    def write(self, frame: Frame) -> None:
        """Wait."""
        time.sleep(next(self._waits))

    def finish(self) -> None:
        """Do nothing."""

    def abort(self) -> None:
        """Do nothing."""


def waiting(frames: int) -> Row:
    """Time stages that wait, each frame another time: up to half more or less."""
    rng = np.random.default_rng(0)
    waits = [[mean * float(x) for x in rng.uniform(0.5, 1.5, frames)] for mean in WAITS]

    def decode() -> Iterator[Frame]:
        for number, wait in enumerate(waits[0]):
            time.sleep(wait)
            yield Frame(None, number)

    middle = iter(waits[1])

    def upscale(frame: Frame) -> Frame:
        time.sleep(next(middle))
        return frame

    # Slept through, not added up: a busy machine wakes late.
    alone = [speed(frames, partial(_sleep, wait)) for wait in waits]
    together = speed(frames, Pipeline(decode(), upscale, WaitingSink(waits[2])).run)
    # Who waits has no need of a core.
    return _row("waiting", alone, together, alone[1:])


def _row(model: str, alone: Sequence[Speed], together: Speed, at_once: Sequence[Speed]) -> Row:
    decode, upscale, encode = (stage.fps for stage in alone)
    work = sum(stage.processor_ms for stage in alone)
    speeds = together.fps, at_once[0].fps, at_once[1].fps
    return Row(model, decode, upscale, encode, *speeds, work, together.processor_ms)


def _sleep(waits: Sequence[float]) -> None:
    for wait in waits:
        time.sleep(wait)


def speed(frames: int, work: Callable[[], Any]) -> Speed:
    """Return how fast a piece of work does so many frames."""
    begin, processor = time.perf_counter(), time.process_time()
    work()
    seconds, busy = time.perf_counter() - begin, time.process_time() - processor
    return Speed(frames / seconds, busy * 1e3 / frames)


def measured(stages: Stages) -> Row:
    """Time the stages of a film, one by one, two by two, and together."""
    folder = stages.source.parent
    with Upscaler.load(stages.model, threads=1) as upscaler:
        reader = AvSource(stages.source, 1)
        facts = reader.facts
        size = stages.size(facts)
        frames: List[Frame] = []
        decode = speed(reader.inventory.frames, lambda: frames.extend(reader.frames()))
        reader.close()
        FrameUpscaler(upscaler, facts, size, {})(frames[0])

        def enlarge() -> Speed:
            convert = FrameUpscaler(upscaler, facts, size, {})
            large.clear()
            return speed(len(frames), lambda: large.extend(map(convert, frames)))

        def encode() -> Speed:
            return speed(len(large), partial(_write, segments(stages, facts, folder), large))

        large: List[Frame] = []
        alone = [decode, enlarge(), encode()]
        with beside("upscale", stages):
            encode_beside = encode()
        with beside("encode", stages):
            upscale_beside = enlarge()
        large.clear()
        again, sink = AvSource(stages.source, 1), segments(stages, facts, folder)
        depth = depth_before_encoder(size, facts.form.bits)
        backlog = depth_before_upscaler(facts.size, facts.form.bits)
        convert = FrameUpscaler(upscaler, facts, size, {})
        pipeline = Pipeline(again.frames(), convert, sink, depth=depth, backlog=backlog)
        together = speed(len(frames), partial(_run, pipeline, sink))
        again.close()
    return _row(stages.model, alone, together, (upscale_beside, encode_beside))


def _write(sink: SegmentSink, frames: Sequence[Frame]) -> None:
    for frame in frames:
        sink.write(frame)
    sink.finish()


def _run(pipeline: Pipeline, sink: SegmentSink) -> None:
    pipeline.run()
    sink.finish()


def main() -> None:
    """Time each model."""
    parser = argparse.ArgumentParser(description="Hold the pipeline against its slowest stage.")
    parser.add_argument("--models", nargs="+", default=["pcsr-fsrcnn-x4", "plain-s-x4", "bicubic"])
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--size", type=int, nargs=2, default=(96, 128), metavar=("H", "W"))
    parser.add_argument("--preset", default="", help="of x264; by default the toolkit's settings")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("-o", "--output", type=Path, default=Path("out/bench"), help="folder")
    args = parser.parse_args()
    rows = [waiting(3 * args.frames)]
    print(_line(rows[0]), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "in.mp4"
        draw(source, args.frames, args.size[0], args.size[1])
        for _ in range(args.rounds):
            for model in args.models:
                rows.append(measured(Stages(source, model, SCALE, args.preset)))
                print(_line(rows[-1]), flush=True)
    args.output.mkdir(parents=True, exist_ok=True)
    document = [
        {**asdict(row), "share": row.share, "share_beside": row.share_beside} for row in rows
    ]
    (args.output / "throughput.json").write_text(json.dumps(document, indent=2) + "\n")


def _line(row: Row) -> str:
    return (
        f"{row.model}: decoding {row.decode:.1f}, upscaling {row.upscale:.1f}, encoding "
        f"{row.encode:.1f}, beside each other {row.upscale_beside:.1f} and "
        f"{row.encode_beside:.1f}, together {row.together:.1f} fps: {100 * row.share:.0f}% of the "
        f"slowest alone, {100 * row.share_beside:.0f}% of the slowest beside; processor "
        f"{row.processor_ms:.1f} ms a frame alone, {row.processor_together_ms:.1f} together"
    )


if __name__ == "__main__":
    main()
