"""Interlaced pictures become whole ones before they are enlarged: a network would sharpen combs.

FFmpeg's bwdif makes one picture of each frame, from its two fields and those of its neighbours.
"""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, Iterator, List, Tuple

from pcsr_edge.runtime.video.inventory import main_video, open_input
from pcsr_edge.runtime.video.library import pyav

DONE = "it is interlaced; both fields of a frame become one picture (bwdif)"
LATER = "interlaced; both fields became one picture (bwdif)"
_TRIAL = 40
"""Packets by which it is told whether fields come one by one."""


class Deinterlacer:
    """Takes pictures of one size and format; each comes back once, one picture later.

    Args:
        picture: the first one.
        time_base: of its timestamps.
    """

    def __init__(self, picture: Any, time_base: Fraction) -> None:
        self._layout, self._time_base = _layout(picture), time_base
        self._graph = pyav().filter.Graph()
        source = self._graph.add_buffer(
            width=picture.width, height=picture.height, format=picture.format, time_base=time_base
        )
        # Pictures that are not marked as interlaced pass as they are.
        work = self._graph.add("bwdif", "mode=send_frame:parity=auto:deint=interlaced")
        sink = self._graph.add("buffersink")
        source.link_to(work)
        work.link_to(sink)
        self._graph.configure()

    def takes(self, picture: Any) -> bool:
        """Return whether a picture is of the kind that it was made for."""
        return _layout(picture) == self._layout

    def push(self, picture: Any) -> List[Any]:
        """Take a picture, None for the end; return those that are ready."""
        av = pyav()
        self._graph.push(picture)
        ready: List[Any] = []
        while True:
            try:
                found = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return ready
            found.pts = round(found.pts * found.time_base / self._time_base)
            found.time_base = self._time_base
            ready.append(found)


def deinterlaced(pictures: Iterator[Any], time_base: Fraction) -> Iterator[Any]:
    """Pass pictures on, from the first interlaced one on through a `Deinterlacer`."""
    at_work: List[Deinterlacer] = []
    for picture in pictures:
        if at_work and not at_work[0].takes(picture):
            yield from at_work.pop().push(None)
        if not at_work and not picture.interlaced_frame:
            yield picture
            continue
        if not at_work:
            at_work.append(Deinterlacer(picture, time_base))
        yield from at_work[0].push(picture)
    if at_work:
        yield from at_work.pop().push(None)


def fields_apart(path: Path) -> bool:
    """Return whether a file keeps every field of a frame in a packet of its own."""
    av = pyav()
    packets = pictures = 0
    with open_input(path) as container:
        stream = main_video(container)
        for packet in container.demux(stream):
            if packet.size and packets == _TRIAL:
                break
            packets += packet.size > 0
            try:
                pictures += len(packet.decode())
            except av.error.FFmpegError:
                continue
        # At the end of the file it was flushed already.
        with suppress(av.error.FFmpegError):
            pictures += len(stream.codec_context.decode(None))
    return packets > 2 and pictures <= packets // 2 + 1


def _layout(picture: Any) -> Tuple[int, int, str]:
    return picture.width, picture.height, picture.format.name
