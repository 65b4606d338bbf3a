"""Which way frames take through a model."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from pcsr_edge.errors import InputError
from pcsr_edge.runtime.colour import Matrix
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video import upscaling
from pcsr_edge.runtime.video.frame import Frame, Tags, VideoFacts
from pcsr_edge.runtime.video.upscaling import FrameUpscaler
from pcsr_edge.runtime.yuv import Yuv, YuvFormat

FACTS = VideoFacts((12, 14), YuvFormat(bits=10), Matrix.BT709, Tags(1, 1, 1), Fraction(1, 25))
ODD = replace(FACTS, matrix=None, tags=Tags(8, 1, 1))


def planes(seed=1):
    rng = np.random.default_rng(seed)
    sizes = (12, 14), (6, 7), (6, 7)
    return Yuv(*(rng.integers(64, 940, size).astype(np.uint16) for size in sizes))


@pytest.fixture(scope="module")
def edge():
    with Upscaler.load("esr-max-x4", threads=1) as upscaler:
        yield upscaler


def test_a_luma_network_takes_planes(edge) -> None:
    found = FrameUpscaler(edge, FACTS, (48, 56), {})(Frame(planes(), 7))
    for a, b in zip(found.planes, edge.upscale_planes(*planes(), FACTS.form)):
        np.testing.assert_array_equal(a, b)
    assert found.pts == 7


def test_planes_need_no_colour_matrix(edge, bicubic) -> None:
    for model in (edge, bicubic):
        found = FrameUpscaler(model, ODD, (48, 56), {})(Frame(planes(), 0))
        assert found.planes.y.shape == (48, 56)


def test_rgb_needs_a_colour_matrix(tiny) -> None:
    with pytest.raises(InputError, match="colour matrix 8"):
        FrameUpscaler(tiny, ODD, (48, 56), {})


def test_pictures_keep_their_chroma_until_they_are_enlarged(bicubic) -> None:
    stripes = np.zeros((12, 14, 3), np.float32)
    stripes[:, ::2, 0] = 1
    found = FrameUpscaler(bicubic, FACTS, (48, 56), {})(Frame(None, 0, rgb=stripes))
    # At half the size the stripes would be gone.
    assert np.ptp(found.planes.cr[10].astype(int)) > 300


def test_a_damaged_frame_is_enlarged_by_bicubic(tiny, bicubic) -> None:
    bad = Frame(planes(), 0, damage="damaged", bicubic=True)
    found = FrameUpscaler(tiny, FACTS, (48, 56), {})(bad)
    expected = FrameUpscaler(bicubic, FACTS, (48, 56), {})(Frame(planes(), 0))
    for a, b in zip(found.planes, expected.planes):
        np.testing.assert_array_equal(a, b)


def test_an_equal_frame_is_not_computed_again(bicubic) -> None:
    upscale = FrameUpscaler(bicubic, FACTS, (48, 56), {})
    first, second = upscale(Frame(planes(), 0)), upscale(Frame(planes(), 1))
    other = upscale(Frame(planes(2), 2))
    assert upscale.reused == 1
    assert second.planes is first.planes
    assert (second.pts, other.planes is first.planes) == (1, False)


def test_a_run_that_goes_on_after_a_segment_gives_the_same_frames(edge) -> None:
    still = planes()
    # What changes by so little counts as unchanged, unless nothing is before it.
    frames = [Frame(Yuv(still.y + np.uint16(n), still.cb, still.cr), n) for n in range(6)]
    whole, rest = (FrameUpscaler(edge, FACTS, (48, 56), {}, 100, 3) for _ in range(2))
    found = [whole(frame).planes for frame in frames]
    rest.skip(3)
    for frame, before in zip(frames[3:], found[3:]):
        np.testing.assert_array_equal(rest(frame).planes.y, before.y)
    assert (found[2].y == found[0].y).all()
    assert (found[3].y != found[0].y).any()


def test_patches_of_a_frame_that_changed_a_little_are_those_of_the_whole_frame() -> None:
    first = planes()
    changed = Yuv(first.y.copy(), first.cb, first.cr)
    changed.y[9:, 11:] = 500
    with Upscaler.load("arm-fsrcnn-x4", device="cpu", threads=1) as model:
        size, options = (48, 56), {"eta": 1.0}
        upscale = FrameUpscaler(model, FACTS, size, options)
        found = [upscale(Frame(each, 0)).planes for each in (first, changed)]
        alone = FrameUpscaler(model, FACTS, size, options)(Frame(changed, 0)).planes
    for a, b in zip(found[1], alone):
        np.testing.assert_array_equal(a, b)
    assert (found[0].y != found[1].y).any()


def assert_same(found, wanted) -> None:
    for a, b in zip(found, wanted):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("rgb", [False, True])
def test_planes_of_rgb_are_left_to_another_thread(tiny, rgb) -> None:
    frame = Frame(planes(), 5)
    if rgb:
        frame = Frame(None, 5, rgb=np.random.default_rng(0).random((12, 14, 3), np.float32))
    begun = FrameUpscaler(tiny, FACTS, (48, 56), {}).begin(frame)
    assert (begun.planes, begun.rgb, begun.pts) == (None, None, 5)
    found, wanted = begun.completed(), FrameUpscaler(tiny, FACTS, (48, 56), {})(frame)
    assert_same(found.planes, wanted.planes)
    assert found.completed() is found


@pytest.mark.parametrize(("room", "left"), [(48 * 56 * 12, True), (48 * 56 * 12 - 1, False)])
def test_large_frames_are_not_left_to_another_thread(tiny, coders, monkeypatch, room, left) -> None:
    monkeypatch.setattr(upscaling, "SHARED", room)
    FrameUpscaler(tiny, FACTS, (48, 56), {}).begin(Frame(planes(), 0))
    assert len(coders) == (0 if left else 1)


def test_frames_may_be_completed_after_those_that_follow(tiny) -> None:
    frames = [Frame(planes(seed), n) for n, seed in enumerate((1, 1, 2, 3))]
    upscale = FrameUpscaler(tiny, FACTS, (48, 56), {})
    begun = [upscale.begin(frame) for frame in frames]
    for frame, later in reversed(list(zip(frames, begun))):
        alone = FrameUpscaler(tiny, FACTS, (48, 56), {})(frame)
        assert_same(later.completed().planes, alone.planes)
    assert upscale.reused == 1
