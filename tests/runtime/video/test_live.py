"""Sources that go away and come back."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from pcsr_edge.errors import InputError
from pcsr_edge.runtime.colour import Matrix
from pcsr_edge.runtime.video.av_live import device_and_format
from pcsr_edge.runtime.video.frame import Frame, Tags, VideoFacts
from pcsr_edge.runtime.video.live import ReconnectingSource
from pcsr_edge.runtime.video.mending import fitted
from pcsr_edge.runtime.yuv import Yuv, YuvFormat

FACTS = VideoFacts((8, 8), YuvFormat(), Matrix.BT709, Tags(1, 1, 1), Fraction(1, 10), live=True)


class Camera:
    """Gives three frames and then fails."""

    def __init__(self, facts=FACTS) -> None:
        self.facts, self.closed = facts, False

    def frames(self):
        side = self.facts.size[0]
        half = np.zeros((side // 2, side // 2), np.uint8)
        for pts in range(100, 103):
            yield Frame(Yuv(np.zeros((side, side), np.uint8), half, half), pts)
        raise InputError("unplugged")

    def close(self) -> None:
        self.closed = True


class Clock:
    """Goes on only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds) -> None:
        self.now += seconds


def source(*connections, given=None):
    """Return a source whose attempts to connect end as given: a camera, or an error.

    The seconds that each may take are added to `given`.
    """
    queue, given = list(connections), [] if given is None else given

    def connect(seconds):
        given.append(seconds)
        found = queue.pop(0) if queue else InputError("still away")
        if isinstance(found, Exception):
            raise found
        return found

    clock = Clock()
    return ReconnectingSource(connect, 10.0, clock=clock, sleep=clock.sleep)


def test_a_camera_that_stays_away_ends_the_stream() -> None:
    camera = Camera()
    assert len(list(source(camera).frames())) == 3
    assert camera.closed


def test_a_camera_that_comes_back_goes_on_at_the_time_of_the_clock() -> None:
    away = InputError("away")
    found = list(source(Camera(), away, away, Camera()).frames())
    assert [frame.pts for frame in found] == [0, 1, 2, 10, 11, 12]
    assert [bool(frame.remark) for frame in found] == [False] * 3 + [True] + [False] * 2


def test_no_attempt_takes_longer_than_patience_lasts() -> None:
    given = []
    away = InputError("away")
    list(source(Camera(), away, away, Camera(), given=given).frames())
    assert given[:4] == [math.inf, 10.0, 9.5, 9.0]


def test_another_size_is_brought_to_the_first() -> None:
    live = source(Camera(), Camera(replace(FACTS, size=(16, 16))))
    found = list(fitted(live.frames(), live.facts))
    assert [frame.planes.y.shape for frame in found] == [(8, 8)] * 6


def test_another_depth_ends_the_stream() -> None:
    other = Camera(replace(FACTS, form=YuvFormat(bits=10)))
    assert len(list(source(Camera(), other).frames())) == 3
    assert other.closed


def test_a_source_with_an_end_is_not_begun_anew() -> None:
    film = replace(FACTS, live=False)
    found = list(source(Camera(film), Camera(film)).frames())
    assert [frame.pts for frame in found] == [100, 101, 102, 103]
    assert [frame.damage for frame in found] == ["", "", "", "unplugged"]


def test_what_comes_back_at_once_keeps_its_distance() -> None:
    facts = replace(FACTS, time_base=Fraction(1, 1000), rate=Fraction(10))
    found = list(source(Camera(facts), Camera(facts)).frames())
    assert [frame.pts for frame in found] == [0, 1, 2, 102, 103, 104]


def test_closing_ends_it() -> None:
    live = source(Camera(), Camera())
    frames = live.frames()
    next(frames)
    live.close()
    assert len(list(frames)) == 2


def test_it_is_live() -> None:
    assert source(Camera()).facts.live


def test_a_camera_that_never_was_there_is_an_error() -> None:
    with pytest.raises(InputError, match="still away"):
        source()


def test_addresses_as_ffmpeg_wants_them() -> None:
    assert device_and_format("v4l2:///dev/video2") == ("/dev/video2", "v4l2", {})
    assert device_and_format("rtsp://a/b") == ("rtsp://a/b", None, {"rtsp_transport": "tcp"})
