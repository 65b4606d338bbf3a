"""A sink for a video file whose frames come from elsewhere: a pipe, pictures, a camera."""

from __future__ import annotations

import os
from pathlib import Path
from typing import List, Optional, Tuple

from pcsr_edge.errors import OutputError
from pcsr_edge.runtime.video.checking import Checked, Expected, check_result
from pcsr_edge.runtime.video.encoder import Encoder, open_alone
from pcsr_edge.runtime.video.encoding import Encoding, coded_size
from pcsr_edge.runtime.video.frame import Frame, VideoFacts
from pcsr_edge.runtime.video.muxing import Film, planned, write_film
from pcsr_edge.runtime.video.request import SEGMENT
from pcsr_edge.runtime.video.segment import SegmentIndex, finished_segments
from pcsr_edge.runtime.video.segments import SegmentSink
from pcsr_edge.runtime.video.work import Work


class FilmSink:
    """A `FrameSink` of a file; it lies in segments until it is finished.

    Args:
        target: the file.
        encoding: how it is encoded.
        facts: of the frames.
        size: (H, W) of the frames.

    Raises:
        UsageError: the encoder refuses a setting, or the container its codec.
        OutputError: the folder cannot be written.
    """

    def __init__(
        self, target: Path, encoding: Encoding, facts: VideoFacts, size: Tuple[int, int]
    ) -> None:
        self._target, self._encoding, self._facts = target, encoding, facts
        self._size = coded_size(encoding, size)
        open_alone(encoding, facts, self._size)
        self.checked: Optional[Checked] = None
        # Such frames come only once: what an earlier run left is of no use.
        self._work = Work(target, {"once": os.getpid()}, discard=True)
        try:
            planned(self._film([]), target, self._work.folder / "trial.part")
        except BaseException:
            self._work.remove()
            self._work.close()
            raise
        self._segments = SegmentSink(
            self._work.folder,
            self._work.finished,
            SEGMENT,
            lambda: Encoder(encoding, facts, size),
            once=True,
        )

    def write(self, frame: Frame) -> None:
        """Take one frame; see `FrameSink`."""
        self._segments.write(frame)

    def finish(self) -> None:
        """Write the file, and open it again to check it."""
        self._segments.finish()
        segments = finished_segments(self._work.folder)
        if not segments:
            raise OutputError(f"{self._target} was not written: there was not one frame")
        film = self._film(segments)
        joined = self._work.folder / f"result{self._target.suffix}"
        write_film(film, joined, self._target)
        frames = [frame for index in segments for frame in index.frames]
        self.checked = check_result(
            joined, str(self._target), Expected(self._facts.time_base, frames)
        )
        try:
            os.replace(joined, os.path.realpath(self._target))
        except OSError as exc:
            raise OutputError(f"{self._target} cannot be written: {exc.strerror}") from exc
        self.abort()

    def _film(self, segments: List[SegmentIndex]) -> Film:
        return Film(self._work.folder, segments, self._encoding, self._facts, self._size, None)

    def abort(self) -> None:
        """Leave nothing behind."""
        self._segments.abort()
        self._work.remove()
        self._work.close()
