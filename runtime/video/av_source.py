"""Reads the frames of a video file through PyAV (FFmpeg)."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Deque, Iterator, Optional

from pcsr_edge.errors import InputError
from pcsr_edge.runtime.video.av_planes import facts_of, planes_of
from pcsr_edge.runtime.video.deinterlacing import LATER, deinterlaced, fields_apart
from pcsr_edge.runtime.video.frame import Frame, VideoFacts
from pcsr_edge.runtime.video.inventory import Inventory, main_video, open_input, take_inventory
from pcsr_edge.runtime.video.library import can_tag_rotation, packets_of, pyav, rest
from pcsr_edge.runtime.video.turning import turned, turned_facts

CONCEALED = "damaged data, concealed by the decoder"
LOST = "cannot be decoded"


class AvSource:
    """A `FrameSource` of a file.

    Every packet of the stream becomes one frame: those that the decoder does not give back are
    yielded as lost.

    Args:
        path: the file.
        threads: of the decoder.
        inventory: of the file, where it was taken already.

    Raises:
        InputError: it is no video, not one frame can be decoded, or fields come one by one.
    """

    def __init__(self, path: Path, threads: int, inventory: Optional[Inventory] = None) -> None:
        self._path = path
        self.inventory = inventory or take_inventory(path)
        self._container = open_input(path)
        self._stream = main_video(self._container)
        self._stream.thread_type = "AUTO"
        self._stream.codec_context.thread_count = threads
        self._decoded = self._decode()
        self._first: Optional[Any] = next(self._decoded, None)
        if self._first is None:
            raise InputError(f"{path}: no frame of its video can be decoded")
        if self._first.interlaced_frame and fields_apart(path):
            self.close()
            raise InputError(
                f"{path} is interlaced and holds every field by itself, which is not supported; "
                "make frames of it first: ffmpeg -i IN -vf bwdif -crf 10 OUT.mkv"
            )
        facts = facts_of(self._stream, self._first, self.inventory)
        self._form, self._turn = facts.form, 0
        self._combs = 0
        if facts.rotation and not can_tag_rotation():
            self._turn = facts.rotation
            facts = turned_facts(facts, "since this PyAV cannot write that players shall do so")
        self.facts: VideoFacts = facts

    def frames(self) -> Iterator[Frame]:
        """Yield every frame, the lost ones too; once."""
        return self._timed_frames() if self.inventory.timed else self._counted_frames()

    def _timed_frames(self) -> Iterator[Frame]:
        expected: Deque[int] = deque(self.inventory.pts)
        for picture in self._pictures():
            if picture.pts not in expected:
                # Damage made it come late, or twice: the frame of that time was given already.
                continue
            while expected[0] < picture.pts:
                yield Frame(None, expected.popleft(), damage=LOST)
            yield self._frame(picture, expected.popleft())
        for pts in expected:
            yield Frame(None, pts, damage=LOST)

    def _counted_frames(self) -> Iterator[Frame]:
        count, last = 0, -1
        for picture in self._pictures():
            count, last = count + 1, self._time(picture, last)
            yield self._frame(picture, last)
        for _ in range(self.inventory.frames - count):
            last += self._step()
            yield Frame(None, last, self._step(), damage=LOST)

    def close(self) -> None:
        """Release the file."""
        rest(self._stream)
        self._container.close()

    def _pictures(self) -> Iterator[Any]:
        return deinterlaced(self._woven_pictures(), self._stream.time_base)

    def _woven_pictures(self) -> Iterator[Any]:
        told = self._first is not None and self._first.interlaced_frame
        if self._first is not None:
            yield self._first
            # Its data are a good part of the memory that a stream takes.
            self._first = None
        for picture in self._decoded:
            self._combs += picture.interlaced_frame and not told
            yield picture

    def _decode(self) -> Iterator[Any]:
        av = pyav()
        for packet in packets_of(self._container, self._stream):
            try:
                pictures = packet.decode()
            except av.error.FFmpegError:
                # Its frame will be missed, by its timestamp.
                continue
            yield from pictures
        yield from self._flushed()

    def _flushed(self) -> Iterator[Any]:
        """Yield what the decoder still holds where the end of the file was not reached."""
        av = pyav()
        try:
            yield from self._stream.codec_context.decode(None)
        except av.error.FFmpegError:
            return

    def _time(self, picture: Any, last: int) -> int:
        """Return the timestamp of a picture: its own, else the next by the stream's rate."""
        if picture.pts is None or picture.pts <= last:
            return last + self._step()
        return int(picture.pts)

    def _step(self) -> int:
        rate = self.facts.rate or Fraction(25)
        return max(1, round(1 / (rate * self.facts.time_base)))

    def _frame(self, picture: Any, pts: int) -> Frame:
        planes = planes_of(picture, self._form)
        if self._turn:
            planes = turned(planes, self._turn)
        frame = Frame(planes, pts, int(getattr(picture, "duration", None) or 0))
        if self._combs:
            self._combs -= 1
            frame = replace(frame, remark=LATER)
        return replace(frame, damage=CONCEALED) if picture.is_corrupt else frame
