"""Parts that did not change keep their result, bit for bit."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcsr_edge.runtime.colour import Matrix
from pcsr_edge.runtime.upscaler import Upscaler
from pcsr_edge.runtime.video.frame import Frame, Tags, VideoFacts
from pcsr_edge.runtime.video.reach import Reach
from pcsr_edge.runtime.video.regions import (
    SIDE,
    boxes_to_compute,
    changed_tiles,
    most_changed,
    worth_it,
)
from pcsr_edge.runtime.video.reuse import PlaneReuse
from pcsr_edge.runtime.video.upscaling import FrameUpscaler
from pcsr_edge.runtime.yuv import Yuv, YuvFormat

SIZE = (144, 177)


def noise(seed):
    rng = np.random.default_rng(seed)
    half = (SIZE[0] + 1) // 2, (SIZE[1] + 1) // 2
    return Yuv(*(rng.integers(16, 236, size, dtype=np.uint8) for size in (SIZE, half, half)))


def changed(planes, rows, cols, seed):
    """Return a copy that differs in a rectangle of luma, and in its chroma."""
    other, copy = noise(seed), Yuv(*(plane.copy() for plane in planes))
    copy.y[rows, cols] = other.y[rows, cols]
    half = (slice(rows.start // 2, rows.stop // 2), slice(cols.start // 2, cols.stop // 2))
    copy.cb[half], copy.cr[half] = other.cb[half], other.cr[half]
    return copy


def sequence():
    first = noise(1)
    second = changed(first, slice(40, 60), slice(30, 52), 2)
    third = changed(second, slice(0, 6), slice(150, 177), 3)
    return [first, second, third, third]


def upscaler_of(model, facts=None, **options):
    facts = facts or VideoFacts(SIZE, YuvFormat(), Matrix.BT709, Tags(1, 1, 1), Fraction(1, 25))
    return FrameUpscaler(model, facts, (4 * SIZE[0], 4 * SIZE[1]), options)


@pytest.mark.parametrize(
    "name", ["tiny-pcsr-x4", "tiny-plain-x4", "tiny-cascade-x4", "esr-max-x4", "esr-tm-x4"]
)
def test_results_are_those_of_whole_frames(tiny_folder, name) -> None:
    folder = tiny_folder.parent / name
    with Upscaler.load(folder if folder.is_dir() else name, threads=1) as model:
        mending = upscaler_of(model)
        for number, planes in enumerate(sequence()):
            found = mending(Frame(planes, number)).planes
            alone = upscaler_of(model)(Frame(planes, number)).planes
            for a, b in zip(found, alone):
                np.testing.assert_array_equal(a, b)
    assert mending.computed_share < 0.8


def test_frames_that_are_completed_late_are_not_those_that_follow(tiny) -> None:
    mending, frames = upscaler_of(tiny), [Frame(each, n) for n, each in enumerate(sequence())]
    begun = [mending.begin(frame) for frame in frames]
    for frame, later in reversed(list(zip(frames, begun))):
        alone = upscaler_of(tiny)(frame).planes
        for a, b in zip(later.completed().planes, alone):
            np.testing.assert_array_equal(a, b)
    assert mending.computed_share < 0.8


def test_of_a_part_only_what_is_used_is_asked_for(tiny_folder, monkeypatch) -> None:
    asked = []
    with Upscaler.load(tiny_folder.parent / "tiny-cascade-x4", threads=1) as model:
        run = model.run
        monkeypatch.setattr(
            model, "run", lambda rgb, **more: asked.append((rgb, more)) or run(rgb, **more)
        )
        mending = upscaler_of(model)
        for planes in sequence()[:2]:
            mending(Frame(planes, 0))
    window, core = asked[1][0].shape[:2], asked[1][1]["core"]
    block, margin = model.bundle.manifest.block, model.bundle.manifest.receptive_field
    for size, span in zip(window, core):
        assert span.start % block == len(span) % block == 0
        assert span.start >= margin
        assert size - span.stop >= margin


def test_what_looks_at_the_whole_frame_is_not_reused(tiny) -> None:
    mending = upscaler_of(tiny, adaptive=True)
    for number, planes in enumerate(sequence()[:2]):
        mending(Frame(planes, number))
    assert mending.computed_share == 1.0


def test_earlier_results_are_not_written_to(tiny) -> None:
    mending = upscaler_of(tiny)
    results = [mending(Frame(planes, 0)).planes for planes in sequence()[:2]]
    kept = results[0].y.copy()
    mending(Frame(sequence()[2], 2))
    np.testing.assert_array_equal(results[0].y, kept)


def double(planes):
    return Yuv(*(plane.repeat(2, 0).repeat(2, 1) for plane in planes))


def test_noise_below_the_threshold_is_not_computed() -> None:
    first = noise(1)
    reuse = PlaneReuse(double, Reach(3, 2), threshold=2)
    reuse(first)
    nearly = Yuv(first.y + np.uint8(2), first.cb, first.cr)
    np.testing.assert_array_equal(reuse(nearly).get().y, double(first).y)
    # The reference stays the one that was computed with, so small steps do not add up unseen.
    further = Yuv(first.y + np.uint8(4), first.cb, first.cr)
    np.testing.assert_array_equal(reuse(further).get().y, double(further).y)


def brightest(planes):
    """Return the greatest code around each sample, which is off by no more than the samples."""
    wide = (np.pad(plane, 3, mode="edge") for plane in planes)
    views = (np.lib.stride_tricks.sliding_window_view(plane, (7, 7)) for plane in wide)
    return double(Yuv(*(view.max(axis=(2, 3)) for view in views)))


def test_slow_changes_beside_fast_ones_stay_within_the_threshold() -> None:
    planes = noise(1)
    reuse = PlaneReuse(brightest, Reach(6, 2), threshold=2)
    for step in range(12):
        planes = changed(planes, slice(40, 44), slice(40, 44), step)
        planes.y[40:44, 46:54] = planes.cb[20:22, 23:27] = 236 + step
        found, wanted = reuse(planes).get(), brightest(planes)
        for a, b in zip(found, wanted):
            assert np.abs(a.astype(int) - b.astype(int)).max() <= 2
    assert reuse.computed < reuse.total


def test_another_picture_is_computed_as_a_whole() -> None:
    reuse = PlaneReuse(double, Reach(3, 2))
    for seed in (1, 2):
        np.testing.assert_array_equal(reuse(noise(seed)).get().y, double(noise(seed)).y)
    assert reuse.computed == reuse.total


@given(st.lists(st.tuples(st.integers(0, 143), st.integers(0, 176)), max_size=4), st.integers(0, 9))
def test_boxes_cover_all_that_a_change_reaches_and_do_not_meet(places, reach) -> None:
    planes = noise(1)
    other = Yuv(planes.y.copy(), planes.cb, planes.cr)
    for place in places:
        other.y[place] ^= 1
    boxes = boxes_to_compute(
        changed_tiles(other, planes, 0), lambda box: box.grown(reach, SIZE).on_grid(2, SIZE)
    )
    covered = np.zeros(SIZE, int)
    for box in boxes:
        assert box.top % 2 == box.left % 2 == 0
        covered[box.top : box.bottom, box.left : box.right] += 1
    assert covered.max(initial=0) <= 1
    for row, col in places:
        if planes.y[row, col] != other.y[row, col]:
            near = np.s_[
                max(0, row - reach) : row + reach + 1, max(0, col - reach) : col + reach + 1
            ]
            assert covered[near].all()


@given(st.integers(1, 40), st.integers(1, 40), st.floats(0.5, 1), st.integers(0, 2**32 - 1))
def test_where_most_has_changed_no_boxes_are_worth_it(height, width, share, seed) -> None:
    size = height, width
    rng = np.random.default_rng(seed)
    tiles = rng.random((-(-height // SIDE), -(-width // SIDE))) < share
    if most_changed(tiles, size):
        boxes = boxes_to_compute(tiles, lambda box: box.grown(0, size))
        assert not worth_it(boxes, size)


def test_most_is_three_quarters() -> None:
    tiles = np.ones((4, 4), np.bool_)
    assert most_changed(tiles, (16, 16))
    tiles[0] = False
    assert not most_changed(tiles, (16, 16))


def test_a_change_of_chroma_alone_counts() -> None:
    planes = noise(1)
    cr = planes.cr.copy()
    cr[20, 30] ^= 1
    tiles = changed_tiles(Yuv(planes.y, planes.cb, cr), planes, 0)
    assert np.argwhere(tiles).tolist() == [[40 // SIDE, 60 // SIDE]]
