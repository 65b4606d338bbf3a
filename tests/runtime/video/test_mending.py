"""Damaged and lost frames, and frames of another size."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from pcsr_edge.errors import InputError
from pcsr_edge.runtime.colour import Matrix
from pcsr_edge.runtime.video.frame import Frame, Tags, VideoFacts
from pcsr_edge.runtime.video.mending import Register, fitted, mended
from pcsr_edge.runtime.yuv import Yuv, YuvFormat

FACTS = VideoFacts((8, 8), YuvFormat(), Matrix.BT709, Tags(1, 1, 1), Fraction(1, 25))


def planes(value, side=8):
    half = np.full((side // 2, side // 2), value, np.uint8)
    return Yuv(np.full((side, side), value, np.uint8), half, half)


def lost(pts):
    return Frame(None, pts, damage="lost")


def damaged(pts, value):
    return Frame(planes(value), pts, damage="damaged")


def good(pts, value):
    return Frame(planes(value), pts)


def levels(frames):
    return [int(frame.planes.y[0, 0]) for frame in frames]


def test_repeat_takes_the_last_good_picture() -> None:
    frames = [good(0, 10), damaged(1, 99), lost(2), good(3, 20)]
    assert levels(mended(frames, "repeat", "in")) == [10, 10, 10, 20]


def test_before_the_first_good_picture_that_is_taken() -> None:
    found = list(mended([lost(0), damaged(1, 99), good(2, 30)], "repeat", "in"))
    assert levels(found) == [30, 30, 30]
    assert [frame.pts for frame in found] == [0, 1, 2]


def test_bicubic_takes_what_is_left_of_a_picture() -> None:
    found = list(mended([good(0, 10), damaged(1, 99), lost(2)], "bicubic", "in"))
    assert levels(found) == [10, 99, 10]
    assert [frame.bicubic for frame in found] == [False, True, False]


def test_abort_names_the_frame() -> None:
    with pytest.raises(InputError, match=r"frame 1 is bad \(damaged\)"):
        list(mended([good(0, 10), damaged(1, 99)], "abort", "in"))


def test_without_one_good_frame_there_is_no_video() -> None:
    with pytest.raises(InputError, match="none of the first 3 frames"):
        list(mended([lost(0), lost(1), lost(2)], "repeat", "in"))


def test_damage_stays_marked_and_is_listed() -> None:
    register = Register()
    frames = mended([good(0, 10), lost(40)], "repeat", "in")
    assert len(list(register.watched(frames, start=7))) == 2
    assert [(bad.number, bad.pts, bad.damage) for bad in register.bad] == [(8, 40, "lost")]


def test_another_size_of_rgb_is_brought_to_the_first() -> None:
    whole, large = (np.full((side, side, 3), 0.25, np.float32) for side in (8, 16))
    found = list(fitted([Frame(None, 0, rgb=whole), Frame(None, 1, rgb=large)], FACTS))
    assert np.array_equal(found[1].rgb, whole)
    assert [frame.remark for frame in found] == ["", "16x16, brought to the first size"]


def test_another_size_is_brought_to_the_first() -> None:
    found = list(fitted([good(0, 10), Frame(planes(50, side=16), 1)], FACTS))
    assert found[1].planes.y.shape == (8, 8)
    assert found[1].planes.cb.shape == (4, 4)
    assert levels(found) == [10, 50]
    assert found[1].remark == "16x16, brought to the first size"
