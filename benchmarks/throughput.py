"""`python -m benchmarks.throughput`: the pipeline of video against its slowest stage alone.

Decoding, upscaling and encoding take turns, alone, with all of them together as `upscale` runs
them, so that a machine that is slower for a while is so for all. Stages share the processor: with
fewer free cores than stages at work, none can be as fast as alone, so the upscaler and the encoder
have one thread each, and two cores must be free. Cores that work at once slow each other down, by
what they share; so each of the two is timed as well while the other runs in a process of its own,
from which it takes nothing: about as fast as the slower of them a pipeline can be on the machine.
Stages that wait in place of computing show what the pipeline itself costs. Writes throughput.json
and prints the table.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Mapping, Sequence, Tuple

import numpy as np

from benchmarks.beside import Neighbour, Stages
from benchmarks.endurance import draw
from benchmarks.film import Film
from benchmarks.timing import Spread, interleave, ratios
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.frame import Frame
from pcsr_edge.runtime.video.pipeline import Pipeline

SCALE = 4
WAITS = (0.012, 0.03, 0.024)
"""Mean seconds of decoding, upscaling and encoding a frame, where they wait."""
TOGETHER = "together"
ALONE = ("decode", "upscale", "encode")
BESIDE = ("decode", "upscale beside", "encode beside")
"""A decoder takes next to nothing: nobody runs beside it."""


@dataclass
class Row:
    """One model; milliseconds of a frame, round by round, by what ran."""

    model: str
    wall_ms: Dict[str, List[float]]
    processor_ms: Dict[str, List[float]]

    def share(self, stages: Sequence[str]) -> Spread:
        """Return which part of the slowest stage's speed all together reach, round by round."""
        # The slowest of all rounds: in each, of two that are equal, it would be the unluckier.
        slowest = max(stages, key=lambda name: Spread.of(self.wall_ms[name]).median)
        return ratios(self.wall_ms[TOGETHER], self.wall_ms[slowest])

    def document(self) -> Dict[str, object]:
        """Return what throughput.json keeps."""
        shares = {"share": self.share(ALONE)}
        if BESIDE[1] in self.wall_ms:
            shares["share_beside"] = self.share(BESIDE)
        return {**asdict(self), **{name: asdict(share) for name, share in shares.items()}}


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

    def together() -> None:
        middle = iter(waits[1])

        def upscale(frame: Frame) -> Frame:
            time.sleep(next(middle))
            return frame

        Pipeline(decode(), upscale, WaitingSink(waits[2])).run()

    # Slept through, not added up: a busy machine wakes late.
    alone = {name: partial(_sleep, wait) for name, wait in zip(ALONE, waits)}
    return timed("waiting", {**alone, TOGETHER: together}, frames, 1, warmup=0)


def _sleep(waits: Sequence[float]) -> None:
    for wait in waits:
        time.sleep(wait)


def timed(
    model: str,
    runs: Mapping[str, Callable[[], None]],
    frames: int,
    rounds: int,
    warmup: int = 1,
) -> Row:
    """Let runs over so many frames take turns."""
    taken = interleave(runs, rounds, warmup)
    wall = {name: [ms / frames for ms in found.wall] for name, found in taken.items()}
    cpu = {name: [ms / frames for ms in found.cpu] for name, found in taken.items()}
    return Row(model, wall, cpu)


def measured(stages: Stages, rounds: int) -> Row:
    """Time the stages of a film, one by one, two by two, and together."""
    with Upscaler.load(stages.model, threads=1) as upscaler:
        film = Film(stages, upscaler)
        runs = dict(zip(ALONE, (film.decode, film.upscale, film.encode)))
        encoder, enlarger = (partial(Neighbour, stage, stages) for stage in ("encode", "upscale"))
        with closing(encoder()) as encoder_beside, closing(enlarger()) as upscaler_beside:
            runs[BESIDE[1]] = partial(_beside, encoder_beside, film.upscale)
            runs[BESIDE[2]] = partial(_beside, upscaler_beside, film.encode)
            runs[TOGETHER] = film.together
            return timed(stages.model, runs, len(film.frames), rounds)


def _beside(neighbour: Neighbour, work: Callable[[], None]) -> None:
    with neighbour.at_work():
        work()


def main() -> None:
    """Time each model."""
    parser = argparse.ArgumentParser(description="Hold the pipeline against its slowest stage.")
    parser.add_argument("--models", nargs="+", default=["pcsr-fsrcnn-x4", "plain-s-x4", "bicubic"])
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--size", type=int, nargs=2, default=(180, 320), metavar=("H", "W"))
    parser.add_argument("--preset", default="", help="of x264; by default the toolkit's settings")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("-o", "--output", type=Path, default=Path("out/bench"), help="folder")
    args = parser.parse_args()
    print(HEAD)
    rows = [waiting(args.frames)]
    print(line(rows[0]), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "in.mp4"
        draw(source, args.frames, args.size[0], args.size[1])
        for model in args.models:
            rows.append(measured(Stages(source, model, SCALE, args.preset), args.rounds))
            print(line(rows[-1]), flush=True)
    args.output.mkdir(parents=True, exist_ok=True)
    document = [row.document() for row in rows]
    (args.output / "throughput.json").write_text(json.dumps(document, indent=2) + "\n")


HEAD = (
    "| model | decoder, upscaler, encoder alone, ms a frame | together | of the slowest alone "
    "| of the slowest beside the other | processor alone, together, ms a frame |\n"
    "| --- | --- | --- | --- | --- | --- |"
)


def line(row: Row) -> str:
    """Return a row of the table: medians, of shares with quartiles."""
    alone = ", ".join(f"{Spread.of(row.wall_ms[name]).median:.2f}" for name in ALONE)
    together = Spread.of(row.wall_ms[TOGETHER])
    work = sum(Spread.of(row.processor_ms[name]).median for name in ALONE)
    busy = Spread.of(row.processor_ms[TOGETHER]).median
    beside = _percent(row, BESIDE) if BESIDE[1] in row.wall_ms else "-"
    return (
        f"| {row.model} | {alone} | {together.median:.2f} | {_percent(row, ALONE)} | {beside} "
        f"| {work:.2f}, {busy:.2f} |"
    )


def _percent(row: Row, stages: Tuple[str, ...]) -> str:
    share = row.share(stages)
    return f"{100 * share.median:.0f} % ({100 * share.low:.0f} to {100 * share.high:.0f})"


if __name__ == "__main__":
    main()
