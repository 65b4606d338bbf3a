"""A sink that writes segments: what is finished stays, whatever happens to the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, List, Optional

from pcsr_edge.errors import OutputError
from pcsr_edge.runtime.video.encoder import Encoder
from pcsr_edge.runtime.video.frame import Frame
from pcsr_edge.runtime.video.segment import SegmentFile, SegmentIndex, segment_path


class SegmentSink:
    """A `FrameSink` whose result is a folder of segments.

    Every segment has an encoder of its own, so it depends on no other; and all but the last have
    the same number of frames, so the cuts lie where they would lie without an interruption.

    Args:
        folder: exists.
        finished: segments that are there already, from the first on.
        length: frames in a segment.
        encoder: makes the encoder of a segment.
        once: whether the frames come only once, so that no later run can go on.
    """

    def __init__(
        self,
        folder: Path,
        finished: List[SegmentIndex],
        length: int,
        encoder: Callable[[], Encoder],
        once: bool = False,
    ) -> None:
        self._once = once
        self.segments = len(finished)
        """Finished ones. What they hold is on disk, and not kept: a film has no end of frames."""
        self.frames = sum(len(index.frames) for index in finished)
        """Frames in finished segments."""
        self._folder, self._length, self._make = folder, length, encoder
        self._encoder: Optional[Encoder] = None
        self._file: Optional[SegmentFile] = None

    def write(self, frame: Frame) -> None:
        """Take one frame; see `FrameSink`."""
        try:
            if self._file is None or self._encoder is None:
                self._encoder = self._make()
                path = segment_path(self._folder, self.segments)
                self._file = SegmentFile(path, self.frames)
            self._file.add_frame(frame)
            for packet in self._encoder.encode(frame):
                self._file.add_packet(packet)
            if len(self._file.index.frames) == self._length:
                self._finish_segment(self._file, self._encoder)
        except OSError as exc:
            raise self._unwritable(exc) from exc

    def finish(self) -> None:
        """Finish the last segment."""
        try:
            if self._file is not None and self._encoder is not None:
                self._finish_segment(self._file, self._encoder)
        except OSError as exc:
            raise self._unwritable(exc) from exc

    def abort(self) -> None:
        """Drop the unfinished segment; the finished ones stay."""
        if self._file is not None:
            self._file.abort()
        self._file = self._encoder = None

    def _finish_segment(self, file: SegmentFile, encoder: Encoder) -> None:
        for packet in encoder.flush():
            file.add_packet(packet)
        if len(file.index.packets) != len(file.index.frames):
            raise OutputError(
                f"the encoder made {len(file.index.packets)} packets of "
                f"{len(file.index.frames)} frames; choose another --codec"
            )
        file.finish(encoder.header)
        self.segments += 1
        self.frames += len(file.index.frames)
        self._file = self._encoder = None

    def _unwritable(self, exc: OSError) -> OutputError:
        mending = f"{self.frames} frames are kept: make room, and run the same command again"
        if self._once:
            mending = "nothing is kept of what came: make room, and begin anew"
        return OutputError(f"{self._folder} cannot be written: {exc.strerror or exc}; {mending}")
