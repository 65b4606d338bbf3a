"""Frames of video under a budget, with all that belongs to a frame."""

from __future__ import annotations

import time
from fractions import Fraction

import numpy as np
import pytest
from support.clips import steady, write_clip
from support.known_costs import known
from support.stopping import stop_after

from pcsr_edge.runtime.colour import Matrix
from pcsr_edge.runtime.video.frame import Frame, Tags, VideoFacts
from pcsr_edge.runtime.video.upscaling import FrameUpscaler
from pcsr_edge.runtime.yuv import Yuv, YuvFormat

FACTS = VideoFacts((24, 20), YuvFormat(), Matrix.BT709, Tags(1, 1, 1), Fraction(1, 25))


def test_a_rehearsal_finds_the_gear_before_the_first_frame(paced, tiny_folder) -> None:
    # Believed to be quick; frames with all that belongs to them take longer.
    upscaler = paced(8, table=known({tiny_folder: (1, 2, 4, 3), "bicubic": (0.5,)}))
    upscaler.prepare((24, 20), (96, 80))
    assert upscaler.bundle.name == "tiny-pcsr-x4"
    upscaler.rehearse(lambda: time.sleep(0.04 * (upscaler.bundle.name != "bicubic")))
    assert upscaler.bundle.name == "bicubic"
    assert (upscaler.pace.gear, upscaler.pace.times_ms) == (1, [])
    assert len(upscaler.pace.shifts) == 1


@pytest.fixture
def planes():
    rng = np.random.default_rng(2)
    return Yuv(*(rng.integers(16, 236, size, np.uint8) for size in ((24, 20), (12, 10), (12, 10))))


def test_frames_that_the_gear_did_not_make_tell_nothing_of_it(paced, planes) -> None:
    upscaler = paced(60_000)
    upscale = FrameUpscaler(upscaler, FACTS, (96, 80), {})
    damaged = Frame(planes, 2, damage="damaged", bicubic=True)
    for frame in (Frame(planes, 0), Frame(planes, 1), damaged):
        upscale(frame)
    assert (len(upscaler.pace.times_ms), upscaler.pace.frame) == (1, 3)


def test_the_time_of_a_frame_is_that_of_all_that_belongs_to_it(
    paced, planes, coders, monkeypatch
) -> None:
    # Nothing of it is left to another thread, where nobody would count it.
    upscaler, coded_before = paced(60_000), []
    upscale = FrameUpscaler(upscaler, FACTS, (96, 80), {})
    coders.clear()
    monkeypatch.setattr(upscaler, "observe", lambda ms: coded_before.append(len(coders)))
    upscale.begin(Frame(planes, 0)).completed()
    assert (coded_before, len(coders)) == ([1], 1)


def test_a_video_under_a_budget_says_which_gear_ran(tmp_path, upscale, paced) -> None:
    upscaler = paced(60_000)
    source = write_clip(tmp_path / "in.mp4", steady(6))
    result = upscale(source, "out.mp4", upscaler, scale=4.0)
    assert result.checked.frames == 6
    assert len(upscaler.pace.times_ms) == 6
    assert upscaler.pace.shifts == [(0, 0)]


def test_a_luma_network_may_be_a_gear(tmp_path, upscale, paced) -> None:
    upscaler = paced(60_000, ["esr-max-x4"])
    source = write_clip(tmp_path / "in.mp4", steady(3))
    assert upscale(source, "out.mp4", upscaler, scale=4.0).checked.frames == 3
    assert upscaler.label == "esr-max-x4"


def test_an_interrupted_run_goes_on_whatever_gear_it_ends_in(tmp_path, upscale, paced) -> None:
    source = write_clip(tmp_path / "in.mp4", steady(12))
    with pytest.raises(KeyboardInterrupt):
        upscale(source, "out.mp4", paced(60_000), watch=stop_after(6), scale=4.0)
    again = paced(60_000)
    resumed = upscale(source, "out.mp4", again, scale=4.0).resumed
    assert resumed in (5, 10)
    assert again.pace.shifts == [(resumed, 0)]
