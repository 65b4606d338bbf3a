"""A stream that Ctrl-C ends."""

from __future__ import annotations

import signal
import sys
from dataclasses import replace
from fractions import Fraction
from itertools import islice

import numpy as np
import pytest

from pcsr_edge.runtime.colour import Matrix
from pcsr_edge.runtime.video.frame import Frame, Tags, VideoFacts
from pcsr_edge.runtime.video.stream_job import StreamJob
from pcsr_edge.runtime.yuv import Yuv, YuvFormat

FACTS = VideoFacts((4, 6), YuvFormat(), Matrix.BT709, Tags(1, 1, 1), Fraction(1, 25), live=True)
PLANE = np.zeros((4, 6), np.uint8)


class Camera:
    """Gives frames for ever."""

    facts = FACTS

    def frames(self):
        number = 0
        while True:
            yield Frame(Yuv(PLANE, PLANE[::2, ::2], PLANE[::2, ::2]), number)
            number += 1

    def close(self) -> None: ...


class JoiningSink:
    """Takes time at the end, in which Ctrl-C is pressed once more."""

    def __init__(self) -> None:
        self.frames, self.joined = 0, False

    def write(self, frame) -> None:
        self.frames += 1

    def finish(self) -> None:
        signal.raise_signal(signal.SIGINT)
        self.joined = True

    def abort(self) -> None: ...


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT to send")
def test_what_came_is_joined_though_ctrl_c_is_pressed_again(bicubic) -> None:
    sink = JoiningSink()
    job = StreamJob(Camera(), "camera", lambda facts, size: sink, bicubic, scale=2)

    def watch(progress) -> None:
        if progress.state.done > 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        job.run(watch)
    assert sink.joined


class Picture(Camera):
    """Gives one frame."""

    facts = replace(FACTS, live=False)

    def frames(self):
        return islice(super().frames(), 1)


class Sink:
    """Takes frames, all complete."""

    def write(self, frame) -> None:
        assert frame.planes.y.shape == (16, 24)

    def finish(self) -> None: ...

    def abort(self) -> None: ...


def test_a_sink_that_waits_makes_the_planes(tiny, coders) -> None:
    job = StreamJob(Picture(), "picture", lambda facts, size: Sink(), tiny, scale=4)
    assert job.run().frames == 1
    assert coders == ["pcsr-edge-encode"]
