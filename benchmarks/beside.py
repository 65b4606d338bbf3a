"""A stage of video that keeps a core busy, in a process of its own, while another one is timed."""

from __future__ import annotations

import multiprocessing
import tempfile
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any, Iterator, List, NamedTuple, Tuple

from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.av_source import AvSource
from pcsr_edge.runtime.video.encoder import Encoder
from pcsr_edge.runtime.video.encoding import choose_encoding
from pcsr_edge.runtime.video.frame import Frame, VideoFacts
from pcsr_edge.runtime.video.segments import SegmentSink
from pcsr_edge.runtime.video.upscaling import FrameUpscaler

SEGMENT = 100
FRAMES = 100
"""Frames that go round and round."""


class Stages(NamedTuple):
    """What a film goes through."""

    source: Path
    model: str
    scale: int
    preset: str
    """Of x264; empty for the toolkit's settings."""

    def size(self, facts: VideoFacts) -> Tuple[int, int]:
        """Return (H, W) of the result."""
        return facts.size[0] * self.scale, facts.size[1] * self.scale


def segments(stages: Stages, facts: VideoFacts, folder: Path) -> SegmentSink:
    """Return a sink that encodes, in one thread, and keeps what it made in a new folder."""
    size = stages.size(facts)
    options = {"preset": stages.preset} if stages.preset else {}
    encoding = choose_encoding(Path("out.mp4"), facts.form.bits, options=options, threads=1)
    made = Path(tempfile.mkdtemp(dir=folder))
    return SegmentSink(made, [], SEGMENT, lambda: Encoder(encoding, facts, size))


class Turn(NamedTuple):
    """Events by which two processes take turns."""

    go: Any
    """Whether the other one is to run."""
    rests: Any
    """Whether it does not."""

    def wait(self) -> None:
        """Go on, or rest until it is one's turn."""
        if not self.go.is_set():
            self.rests.set()
            self.go.wait()
            self.rests.clear()


class Neighbour:
    """A stage that runs on and on, while it is told to, until it is closed.

    Args:
        stage: `upscale` or `encode`.
        stages: of the film, beside which an encoder leaves its segments.
    """

    def __init__(self, stage: str, stages: Stages) -> None:
        # What threads a process has does not go along with a fork.
        context = multiprocessing.get_context("spawn")
        self._stage, self._turn = stage, Turn(context.Event(), context.Event())
        arguments = stage, stages, self._turn
        self._process = context.Process(target=_endless, args=arguments, daemon=True)
        self._process.start()
        self._await_rest()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Let it run while the body does; it rests again when this returns.

        Raises:
            RuntimeError: it has ended.
        """
        self._check()
        self._turn.go.set()
        try:
            yield
        finally:
            self._turn.go.clear()
            self._await_rest()

    def _await_rest(self) -> None:
        while not self._turn.rests.wait(1):
            self._check()

    def _check(self) -> None:
        if not self._process.is_alive():
            self.close()
            raise RuntimeError(f"the process that was to {self._stage} beside has ended")

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.join()


def _endless(stage: str, stages: Stages, turn: Turn) -> None:
    # Any large frames do to keep an encoder busy; bicubic makes them soon.
    model = stages.model if stage == "upscale" else "bicubic"
    facts, frames = _frames(stages)
    with Upscaler.load(model, threads=1) as upscaler:
        convert = FrameUpscaler(upscaler, facts, stages.size(facts), {})
        if stage == "upscale":
            convert(frames[0])
            for frame in cycle(frames):
                turn.wait()
                convert(frame)
        large = [convert(frame) for frame in frames]
        # A process that is ended deletes nothing: its segments lie beside the film.
        sink = segments(stages, facts, stages.source.parent)
        for frame in cycle(large):
            turn.wait()
            sink.write(frame)


def _frames(stages: Stages) -> Tuple[VideoFacts, List[Frame]]:
    reader = AvSource(stages.source, 1)
    frames = [frame for frame, _ in zip(reader.frames(), range(FRAMES))]
    reader.close()
    return reader.facts, frames
