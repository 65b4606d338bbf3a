"""Cameras and network streams through PyAV."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import chain
from typing import Any, Dict, Iterator, Optional, Tuple

from pcsr_edge.errors import InputError
from pcsr_edge.runtime.video.av_planes import facts_of, planes_of
from pcsr_edge.runtime.video.av_source import CONCEALED
from pcsr_edge.runtime.video.deinterlacing import deinterlaced
from pcsr_edge.runtime.video.frame import Frame
from pcsr_edge.runtime.video.inventory import Inventory, main_video
from pcsr_edge.runtime.video.library import pyav, rest

OPEN_SECONDS, READ_SECONDS = 10.0, 5.0
"""How long to wait for a stream to open, and for its next packet: a dead one must not hang."""


def device_and_format(address: str) -> Tuple[str, Optional[str], Dict[str, str]]:
    """Return what FFmpeg opens for an address: a name, a format where it cannot tell, options."""
    match = re.fullmatch(r"(?:v4l2://)?(/dev/video\d+)", address)
    if match is not None:
        return match[1], "v4l2", {}
    # UDP loses packets, and every lost packet damages pictures.
    return address, None, {"rtsp_transport": "tcp"} if address.startswith("rtsp") else {}


class AvLiveSource:
    """A `FrameSource` of an address; see `ReconnectingSource` for what happens when it ends.

    It is live unless it says how long it is, as a film on a server does.

    Args:
        address: `rtsp://…`, `/dev/video0` and the like.
        patience: seconds that opening it may take, if less than `OPEN_SECONDS`.

    Raises:
        InputError: it cannot be opened, or gives no frame.
    """

    def __init__(self, address: str, patience: float = OPEN_SECONDS) -> None:
        av = pyav()
        name, form, options = device_and_format(address)
        try:
            timeout = min(OPEN_SECONDS, patience), READ_SECONDS
            self._container: Any = av.open(name, format=form, options=options, timeout=timeout)
            stream = main_video(self._container)
            if stream is None:
                raise InputError(f"{address} holds no video stream")
            pictures = self._container.decode(stream)
            first = next(pictures)
        except (av.error.FFmpegError, OSError, StopIteration) as exc:
            reason = getattr(exc, "strerror", None) or exc or "it ends at once"
            raise InputError(f"{address} gives no video: {reason}") from exc
        self._address, self._stream = address, stream
        self._pictures = deinterlaced(chain([first], pictures), stream.time_base)
        facts = facts_of(stream, first, Inventory())
        live = self._container.duration is None
        self.facts = replace(facts, live=live, frames=None)

    def frames(self) -> Iterator[Frame]:
        """Yield frames as they come; see `FrameSource`."""
        av = pyav()
        while True:
            try:
                picture = next(self._pictures, None)
            except av.error.FFmpegError as exc:
                raise InputError(f"{self._address} broke off: {exc.strerror}") from exc
            if picture is None:
                return
            damage = CONCEALED if picture.is_corrupt else ""
            planes = planes_of(picture, self.facts.form)
            yield Frame(planes, int(picture.pts or 0), damage=damage)

    def close(self) -> None:
        """Close the stream."""
        rest(self._stream)
        self._container.close()
