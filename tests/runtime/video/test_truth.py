"""Results against the video that they should be."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from support.clips import decoded, steady, write_clip
from support.stopping import stop_after

from pcsr_edge.errors import InputError
from pcsr_edge.runtime.colour import Range
from pcsr_edge.runtime.video.frame import Frame, Tags, VideoFacts
from pcsr_edge.runtime.video.truth import Truth
from pcsr_edge.runtime.yuv import Yuv, YuvFormat

SIZE = (48, 64)
FRAME = Frame(None, 0)


def facts(**form):
    return VideoFacts((24, 32), YuvFormat(**form), None, Tags(1, 1, 1), Fraction(1, 25))


@pytest.fixture
def clip(tmp_path):
    return write_clip(tmp_path / "truth.mkv", steady(4))


def off_by(picture, step, scale=1):
    """Return a frame whose luma is that of a decoded picture, and `step` more."""
    luma = scale * (picture[: SIZE[0]].astype(np.uint16) + step)
    planes = Yuv(luma.astype(np.uint8 if scale == 1 else np.uint16), luma[:24], luma[:24])
    return Frame(planes, 0)


def test_the_error_is_that_of_all_frames_which_were_compared(clip) -> None:
    truth = Truth(clip, facts(), SIZE, 4, 1)
    assert truth.psnr is None
    truth.skip(2)
    for picture, step in zip(decoded(clip).pictures[2:], (3, 4)):
        truth.compare(FRAME, off_by(picture, step))
    assert truth.psnr == pytest.approx(10 * np.log10(255**2 / 12.5), abs=1e-3)
    truth.close()


def test_the_cost_is_what_would_be_gained_without_the_budget(clip) -> None:
    truth = Truth(clip, facts(), SIZE, 4, 1)
    pictures = decoded(clip).pictures
    unpaced = iter([off_by(pictures[0], 1), off_by(pictures[1], 2)])
    assert truth.cost is None
    truth.unpaced = lambda frame: next(unpaced)
    for picture in pictures[:2]:
        truth.compare(FRAME, off_by(picture, 5))
    assert truth.cost == pytest.approx(10 * np.log10(25 / 2.5), abs=1e-3)
    truth.close()


def test_depths_may_differ_and_equal_luma_has_a_number(clip) -> None:
    truth = Truth(clip, facts(bits=10), SIZE, 4, 1)
    truth.compare(FRAME, off_by(decoded(clip).pictures[0], 0, scale=4))
    assert truth.psnr == pytest.approx(100)
    truth.close()


@pytest.mark.parametrize(
    ("size", "frames", "form", "said"),
    [
        ((96, 64), 4, {}, "is 64x48, and the result 64x96"),
        (SIZE, 5, {}, "has 4 frames, and the input 5"),
        (SIZE, 4, {"swing": Range.FULL}, "luma of studio range, and the input of full range"),
    ],
)
def test_another_video_is_refused(clip, size, frames, form, said) -> None:
    with pytest.raises(InputError, match=said):
        Truth(clip, facts(**form), size, frames, 1)


def test_a_video_is_told_how_far_it_is_from_the_truth(tmp_path, upscale) -> None:
    source = write_clip(tmp_path / "in.mp4", steady(7))
    upscale(source, "one.mkv", encoder_options={"crf": "0"})
    found = upscale(source, "two.mkv", truth=tmp_path / "one.mkv")
    assert found.psnr == pytest.approx(100)
    assert upscale(source, "three.mkv").psnr is None


def test_a_resumed_run_is_held_against_the_frames_that_it_makes(tmp_path, upscale) -> None:
    source = write_clip(tmp_path / "in.mp4", steady(12))
    upscale(source, "one.mkv", encoder_options={"crf": "0"})
    with pytest.raises(KeyboardInterrupt):
        upscale(source, "two.mkv", watch=stop_after(6))
    found = upscale(source, "two.mkv", truth=tmp_path / "one.mkv")
    assert found.resumed in (5, 10)
    assert found.psnr == pytest.approx(100)
