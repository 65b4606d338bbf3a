"""A film whose way through decoder, upscaler and encoder is timed."""

from __future__ import annotations

from contextlib import closing

from benchmarks.beside import Stages, segments
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.av_source import AvSource
from pcsr_edge.runtime.video.pipeline import (
    Pipeline,
    depth_before_encoder,
    depth_before_upscaler,
)
from pcsr_edge.runtime.video.segments import SegmentSink
from pcsr_edge.runtime.video.upscaling import FrameUpscaler


class Film:
    """The stages of a film, each of which can run alone, and all together; it keeps all its frames.

    Args:
        stages: what it goes through.
        upscaler: the model.
    """

    def __init__(self, stages: Stages, upscaler: Upscaler) -> None:
        self._stages, self._upscaler = stages, upscaler
        with closing(AvSource(stages.source, 1)) as reader:
            self._facts = reader.facts
            self.frames = list(reader.frames())
        self._size = stages.size(self._facts)
        self._large = list(map(self._convert(), self.frames))

    def decode(self) -> None:
        """Decode all frames."""
        with closing(AvSource(self._stages.source, 1)) as reader:
            for _ in reader.frames():
                pass

    def upscale(self) -> None:
        """Upscale all frames; what is made of one gives way to the next."""
        for _ in map(self._convert(), self.frames):
            pass

    def encode(self) -> None:
        """Encode all frames, in segments."""
        sink = self._sink()
        for frame in self._large:
            sink.write(frame)
        sink.finish()

    def together(self) -> None:
        """Do all three as `upscale` does."""
        bits, sink = self._facts.form.bits, self._sink()
        depth = depth_before_encoder(self._size, bits)
        backlog = depth_before_upscaler(self._facts.size, bits)
        with closing(AvSource(self._stages.source, 1)) as reader:
            convert = self._convert()
            Pipeline(reader.frames(), convert.begin, sink, depth=depth, backlog=backlog).run()
        sink.finish()

    def _convert(self) -> FrameUpscaler:
        return FrameUpscaler(self._upscaler, self._facts, self._size, {})

    def _sink(self) -> SegmentSink:
        return segments(self._stages, self._facts, self._stages.source.parent)
