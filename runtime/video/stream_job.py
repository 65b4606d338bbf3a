"""One stream of frames to another, in one go: pipes, pictures, cameras, displays."""

from __future__ import annotations

from contextlib import closing, nullcontext
from dataclasses import dataclass
from typing import Any, Callable, List, Mapping, Optional, Tuple

from pcsr_edge.runtime.interruption import interrupts_held
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.endpoints import FrameSink, FrameSource
from pcsr_edge.runtime.video.frame import VideoFacts
from pcsr_edge.runtime.video.mending import BadFrame, Register, fitted, mended
from pcsr_edge.runtime.video.pipeline import Pipeline, State
from pcsr_edge.runtime.video.request import Progress
from pcsr_edge.runtime.video.upscaling import FrameUpscaler

MakeSink = Callable[[VideoFacts, Tuple[int, int]], FrameSink]
"""Makes the sink of frames of a size (H, W)."""


@dataclass(frozen=True)
class StreamResult:
    """What came of a stream."""

    facts: VideoFacts
    size: Tuple[int, int]
    """(H, W)."""
    frames: int
    reused: int
    """Frames that were equal to the one before, and not computed again."""
    bad: List[BadFrame]
    notes: List[str]
    interrupted: bool
    """Whether Ctrl-C ended it; what came before is written."""


class StreamJob:
    """Upscales frames that come once, to where they go at once.

    Args:
        source: where they come from; closed at the end.
        name: of the source, for messages.
        make_sink: makes where they go to.
        upscaler: the model, which stays open.
        scale: magnification; None where `size` is given.
        size: exact (H, W) of the result.
        options: further arguments of `Upscaler.run`.
        on_error: what becomes of damaged frames; see `mending.mended`.
        still_threshold: see `FrameUpscaler`.
        backlog: frames of a live stream that may wait: a stream that was opened gives at once
            what came meanwhile. More wait longer, which a viewer would see.

    Raises:
        PcsrEdgeError: the settings make no sense for the stream.
    """

    def __init__(
        self,
        source: FrameSource,
        name: str,
        make_sink: MakeSink,
        upscaler: Upscaler,
        *,
        scale: Optional[float] = None,
        size: Optional[Tuple[int, int]] = None,
        options: Optional[Mapping[str, Any]] = None,
        on_error: str = "repeat",
        still_threshold: int = 0,
        backlog: int = 0,
    ) -> None:
        self._backlog = backlog
        self._source, self._name, self._on_error = source, name, on_error
        self.facts = source.facts
        height, width = self.facts.size
        self.size = size or (round(height * (scale or 1)), round(width * (scale or 1)))
        self._convert = FrameUpscaler(
            upscaler, self.facts, self.size, options or {}, still_threshold
        )
        self._sink = make_sink(self.facts, self.size)

    def run(self, watch: Callable[[Progress], None] = lambda progress: None) -> StreamResult:
        """Do it, to the end of the stream; a live one may be ended by Ctrl-C, and is whole then.

        Raises:
            PcsrEdgeError: it failed.
            KeyboardInterrupt: the stream is not live.
        """
        register = Register()

        def report(state: State) -> None:
            watch(Progress(state, 0, self.facts.frames))

        frames = fitted(mended(self._source.frames(), self._on_error, self._name), self.facts)
        interrupted = False
        passing = register.watched(frames)
        live = self.facts.live
        backlog = self._backlog if live else 0
        pipeline = Pipeline(
            passing, self._convert.begin, self._sink, report, latest=live, backlog=backlog
        )
        try:
            with closing(self._source):
                try:
                    pipeline.run()
                except KeyboardInterrupt:
                    if not self.facts.live:
                        raise
                    interrupted = True
            # Once more Ctrl-C would cost all that came.
            with interrupts_held() if interrupted else nullcontext():
                self._sink.finish()
        finally:
            self._sink.abort()
        notes = [*self.facts.notes]
        notes += [f"{number} frames: {remark}" for remark, number in register.remarks.items()]
        if pipeline.dropped:
            notes.append(
                f"{pipeline.dropped} frames were dropped: they came faster than they "
                "could be upscaled; a cheaper model or --fps keeps up"
            )
        return StreamResult(
            self.facts,
            self.size,
            pipeline.done,
            self._convert.reused,
            register.bad,
            notes,
            interrupted,
        )
