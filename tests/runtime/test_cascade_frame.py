"""Frames through a cascade: equal to the network on the whole picture, however cut."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Tuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.fake_cascade import BLOCK, FakeCascade

from pcsr_edge.runtime.geometry import Span
from pcsr_edge.runtime.upscaler import Upscaler

quick = settings(max_examples=25)
SCALE = 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bundles")


def upscaler(folder: Path, scale: int = SCALE, threads: int = 2) -> Tuple[FakeCascade, Upscaler]:
    model = FakeCascade(scale, scale)
    bundle = model.bundle(folder / f"fake-{scale}")
    return model, Upscaler(bundle, model.backend(), threads=threads)


def picture(height: int, width: int) -> Any:
    """Draw a picture with dark and bright parts: of small and of large gain."""
    rng = np.random.default_rng(height * 99 + width)
    light = rng.random((-(-height // 3), -(-width // 3), 1)).repeat(3, axis=0).repeat(3, axis=1)
    noise = rng.random((height, width, 3))
    return (0.7 * light[:height, :width] + 0.3 * noise).astype(np.float32)


def mean_gains(model: FakeCascade, image: Any) -> Any:
    """Return the mean gain of each cell's block (h, w)."""
    gain, out = model.gain(image), np.empty(image.shape[:2])
    for top in range(0, len(gain), BLOCK):
        for left in range(0, gain.shape[1], BLOCK):
            block = np.s_[top : top + BLOCK, left : left + BLOCK]
            out[block] = gain[block].mean()
    return out


def check(model: FakeCascade, image: Any, result: Any) -> None:
    """Hold a result's pixels against the network with the result's classes."""
    classes = result.class_map[:: model.scale, :: model.scale]
    expected = np.clip(model.upscale(image, classes), 0, 1)
    np.testing.assert_allclose(result.image, expected, atol=1e-6)


@quick
@given(st.integers(1, 30), st.integers(1, 30), st.data())
def test_over_a_core_the_result_is_that_of_the_whole_frame(
    folder: Path, height: int, width: int, data: Any
) -> None:
    top, left = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    bottom, right = data.draw(st.integers(top + 1, height)), data.draw(st.integers(left + 1, width))
    image, core = picture(height, width), (Span(top, bottom), Span(left, right))
    _, up = upscaler(folder)
    whole, part = up.run(image), up.run(image, core=core)
    inside = np.s_[SCALE * top : SCALE * bottom, SCALE * left : SCALE * right]
    np.testing.assert_array_equal(part.image[inside], whole.image[inside])
    np.testing.assert_array_equal(part.class_map[inside], whole.class_map[inside])


def test_blocks_beyond_a_core_are_light(folder: Path) -> None:
    _, up = upscaler(folder)
    image = picture(4 * BLOCK, 3 * BLOCK)
    core = Span(BLOCK, BLOCK + 1), Span(2 * BLOCK - 1, 2 * BLOCK)
    heavy = up.run(image, force_class=0, core=core).class_map == 0
    side = SCALE * BLOCK
    assert heavy[side : 2 * side, side : 2 * side].all()
    assert heavy.sum() == side * side


@quick
@given(st.integers(2, 4), st.integers(1, 30), st.integers(1, 30), st.integers(1, 4))
def test_a_frame_is_the_network_on_the_picture(
    folder: Path, scale: int, height: int, width: int, threads: int
) -> None:
    model, up = upscaler(folder, scale, threads)
    image = picture(height, width)
    with up:
        check(model, image, up.run(image))


@quick
@given(st.integers(1, 30), st.integers(1, 30), st.integers(2, 13), st.booleans())
def test_tiles_and_threads_change_nothing(
    folder: Path, height: int, width: int, tile: int, adaptive: bool
) -> None:
    image = picture(height, width)
    (_, whole), (_, cut) = upscaler(folder, threads=1), upscaler(folder, threads=3)
    with whole, cut:
        one = whole.run(image, tile="off", adaptive=adaptive)
        other = cut.run(image, tile=tile, adaptive=adaptive)
    np.testing.assert_array_equal(one.class_map, other.class_map)
    np.testing.assert_array_equal(one.image, other.image)


@pytest.mark.parametrize("value", [0, 1])
def test_a_forced_class_is_everywhere(folder: Path, value: int) -> None:
    model, up = upscaler(folder)
    image = picture(10, 13)
    with up:
        result = up.run(image, force_class=value)
    assert (result.class_map == value).all()
    assert (sum(model.batches) > 0) == (value == 0)
    check(model, image, result)


@pytest.mark.parametrize(("k", "limit"), [(0, 1), (1, 4), (2, 16), (-1, 0.25)])
def test_k_is_held_against_gain_by_cost(folder: Path, k: float, limit: float) -> None:
    # The fake's heavy class costs four times as much: 100 + 4 * 75 against 100.
    model, up = upscaler(folder)
    image = picture(30, 33)
    with up:
        classes = up.run(image, k=k).class_map[::SCALE, ::SCALE]
    np.testing.assert_array_equal(classes, (mean_gains(model, image) < limit).astype(np.uint8))
    assert 0 < classes.mean() < 1


def test_adm_gives_the_larger_gains_to_the_deep_part(folder: Path) -> None:
    model, up = upscaler(folder)
    image = picture(30, 33)
    with up:
        result = up.run(image, adaptive=True)
    classes = result.class_map[::SCALE, ::SCALE]
    gains = mean_gains(model, image)
    assert gains[classes == 0].min() > gains[classes == 1].max()
    check(model, image, result)


@pytest.mark.parametrize("tile", ["off", 9])
@pytest.mark.parametrize("work", [0.0, 0.3, 1.0])
def test_work_goes_to_the_larger_gains(folder: Path, work: float, tile: Any) -> None:
    model, up = upscaler(folder)
    image = picture(30, 33)
    with up:
        result = up.run(image, work=work, tile=tile)
    classes = result.class_map[::SCALE, ::SCALE]
    assert work - 0.1 < result.fractions[0] <= work + 0.1
    gains = mean_gains(model, image)
    hard, easy = gains[classes == 0], gains[classes == 1]
    assert min(hard, default=9e9) > max(easy, default=0)


def test_each_thread_gets_a_strip_with_its_halo(folder: Path) -> None:
    model, up = upscaler(folder, threads=3)
    with up:
        up.run(picture(24, 8))
    # Two rows of blocks each; a halo of two on the inner sides.
    assert sorted(shape[2] for shape in model.seen) == [10, 10, 12]
    assert {shape[3] for shape in model.seen} == {8}


def test_the_engines_have_one_thread_a_call(folder: Path) -> None:
    model, up = upscaler(folder, threads=3)
    up.close()
    assert model.threads == [1, 1]


def test_heavy_blocks_alone_go_through_the_deep_part(folder: Path) -> None:
    model, up = upscaler(folder)
    with up:
        result = up.run(picture(30, 33))
    blocks = result.class_map[:: SCALE * BLOCK, :: SCALE * BLOCK]
    assert sum(model.batches) == np.count_nonzero(blocks == 0)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_the_result_has_the_inputs_dtype(folder: Path, dtype: str) -> None:
    model, up = upscaler(folder)
    white = {"uint8": 255, "uint16": 65535, "float32": 1}[dtype]
    image = (picture(9, 7) * white).astype(dtype)
    with up:
        sr = up.run(image, force_class=0).image
    unit = (image / np.float32(white)).astype(np.float32)
    exact = np.clip(model.upscale(unit, np.zeros((9, 7))), 0, 1) * white
    assert sr.dtype == dtype
    assert np.abs(sr - exact).max() <= (1e-6 if white == 1 else 0.51)


def test_fractions_are_those_of_the_class_map(folder: Path) -> None:
    _, up = upscaler(folder)
    with up:
        result = up.run(picture(30, 33))
    heavy = float((result.class_map == 0).mean())
    assert result.fractions == pytest.approx((heavy, 1 - heavy))


STAGES: Dict[str, Tuple[Any, ...]] = {
    "heavy": (0, {"gather", "deep", "scatter"}),
    "light": (1, set()),
}


@pytest.mark.parametrize(("value", "more"), STAGES.values(), ids=STAGES.keys())
def test_stages_and_progress_are_reported(folder: Path, value: int, more: Any) -> None:
    seen: List[Tuple[int, int]] = []
    _, up = upscaler(folder)
    with up:
        result = up.run(
            picture(16, 24),
            tile=8,
            force_class=value,
            progress=lambda done, total: seen.append((done, total)),
        )
    assert seen == [(i, 6) for i in range(1, 7)]
    stages = {"preprocess", "trunk", "assignment", "postprocess", "total"}
    assert set(result.times) == stages | more
    assert (result.tile, result.tiles) == (8, 6)
