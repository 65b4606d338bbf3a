"""Gears with real models; times are those of this machine, so only what is done is asserted."""

from __future__ import annotations

import numpy as np
import pytest

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.paced import PacedUpscaler


@pytest.fixture
def paced(tiny_folder):
    """Return a function that loads a PCSR model and bicubic under a budget."""
    opened = []

    def load(budget_ms):
        gears = [
            lambda: Upscaler.load(tiny_folder, threads=1),
            lambda: Upscaler.load("bicubic", threads=1),
        ]
        opened.append(PacedUpscaler(budget_ms, gears))
        return opened[-1]

    yield load
    for upscaler in opened:
        upscaler.close()


@pytest.fixture
def picture():
    return np.random.default_rng(5).random((24, 20, 3)).astype(np.float32)


def test_a_generous_budget_runs_the_best_gear_with_all_work(paced, picture) -> None:
    upscaler = paced(60_000)
    result = upscaler.run(picture, scale=4)
    # Whether sorting pays on so small a picture is this machine's to say.
    assert upscaler.names[0] in ("tiny-pcsr-x4", "tiny-pcsr-x4 heavy")
    assert upscaler.names[1:] == ["tiny-pcsr-x4 light", "bicubic"]
    assert result.fractions == (1.0, 0.0)


def test_an_impossible_budget_runs_the_fastest(paced, picture) -> None:
    upscaler = paced(1e-6)
    result = upscaler.run(picture, scale=4)
    assert result.rung == "bicubic"
    assert upscaler.names == ["bicubic"]


def test_observations_move_the_gear(paced, picture) -> None:
    upscaler = paced(60_000)
    upscaler.run(picture, scale=4)
    for _ in range(24):
        upscaler.observe(400_000)
    assert [shift.gear for shift in upscaler.pace.shifts] == [0, 1, 2]
    assert upscaler.run(picture, scale=4).rung == "bicubic"


def test_between_all_and_nothing_there_is_light_only(paced, picture) -> None:
    upscaler = paced(60_000)
    upscaler.run(picture, scale=4)
    while upscaler.pace.gear == 0:
        upscaler.observe(400_000)
    result = upscaler.run(picture, scale=4)
    assert (result.rung, result.fractions) == ("tiny-pcsr-x4 light", (0.0, 1.0))


def test_the_frame_that_measures_does_not_count(paced, picture) -> None:
    upscaler = paced(60_000)
    upscaler.run(picture, scale=4)
    upscaler.observe(1e9)
    assert upscaler.pace.times_ms == []


def test_a_budget_of_nothing_is_refused(paced) -> None:
    with pytest.raises(UsageError, match="cannot be kept"):
        paced(0)


def test_a_video_under_a_budget_says_which_gear_ran(tmp_path, upscale, paced) -> None:
    from support.clips import steady, write_clip

    upscaler = paced(60_000)
    source = write_clip(tmp_path / "in.mp4", steady(6))
    result = upscale(source, "out.mp4", upscaler, scale=4.0)
    assert result.checked.frames == 6
    assert len(upscaler.pace.times_ms) == 5


def test_a_luma_network_may_be_a_gear(tmp_path, upscale) -> None:
    from support.clips import steady, write_clip

    gears = [
        lambda: Upscaler.load("esr-max-x4", threads=1),
        lambda: Upscaler.load("bicubic", threads=1),
    ]
    with PacedUpscaler(60_000, gears) as upscaler:
        source = write_clip(tmp_path / "in.mp4", steady(3))
        assert upscale(source, "out.mp4", upscaler, scale=4.0).checked.frames == 3
        assert upscaler.label == "esr-max-x4"


@pytest.mark.parametrize(
    ("whole_ms", "name"), [(90, "tiny-pcsr-x4"), (70, "tiny-pcsr-x4 heavy")], ids=["pays", "not"]
)
def test_pixels_are_sorted_only_where_it_pays(paced, picture, monkeypatch, whole_ms, name) -> None:
    def milliseconds(gear, image, options, work):
        # Sorting costs 30 ms; half the work takes 75 with it.
        return {0.0: 20, 1.0: whole_ms}.get(gear.fixed, 30 + 90 * work)

    monkeypatch.setattr("pcsr_edge.runtime.video.paced._milliseconds", milliseconds)
    upscaler = paced(100)
    upscaler.run(picture, scale=4)
    assert upscaler.names[0] == name
