"""Turns pictures upright where a result cannot say that players shall do so."""

from __future__ import annotations

from dataclasses import replace
from typing import Iterator

import numpy as np

from pcsr_edge.runtime.video.endpoints import FrameSource
from pcsr_edge.runtime.video.frame import Frame, VideoFacts
from pcsr_edge.runtime.yuv import Yuv

QUARTER = 90


class UprightSource:
    """A `FrameSource` of the frames of another, turned as players would turn them.

    Args:
        source: whose `facts` state a rotation.
    """

    def __init__(self, source: FrameSource) -> None:
        self._source, self._rotation = source, source.facts.rotation
        self.facts: VideoFacts = turned_facts(source.facts, "as players turn them")

    def frames(self) -> Iterator[Frame]:
        """Yield every frame; see `FrameSource`."""
        for frame in self._source.frames():
            if frame.planes is None:
                yield frame
            else:
                yield replace(frame, planes=turned(frame.planes, self._rotation))

    def close(self) -> None:
        """Release the other source."""
        self._source.close()


def upright(source: FrameSource) -> FrameSource:
    """Return a source whose frames stand upright: the same, where they do already."""
    facts = source.facts
    return UprightSource(source) if facts.rotation or facts.mirror is not None else source


def turned(planes: Yuv, rotation: int) -> Yuv:
    """Turn planes counter-clockwise, to the nearest quarter of `rotation` degrees: views."""
    return Yuv(*(np.rot90(plane, round(rotation / QUARTER)) for plane in planes))


def turned_facts(facts: VideoFacts, reason: str) -> VideoFacts:
    """Return what holds after `turned`; a note says so, and `reason`."""
    height, width = facts.size
    quarter = round(facts.rotation / QUARTER) % 2
    lost = "" if facts.mirror is None else "; they are not mirrored, as players would"
    return replace(
        facts,
        mirror=None,
        size=(width, height) if quarter else facts.size,
        aspect=1 / facts.aspect if facts.aspect is not None and quarter else facts.aspect,
        rotation=0,
        notes=(
            *facts.notes,
            f"its pictures are turned by {facts.rotation} degrees, {reason}{lost}",
        ),
    )
