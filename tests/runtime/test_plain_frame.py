"""Frames through a plain network: equal to the network on the whole picture, however cut."""

from __future__ import annotations

from pathlib import Path
from typing import Any, List, Tuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.fake_plain import FakePlain

from pcsr_edge.runtime.upscaler import Upscaler

quick = settings(max_examples=25)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bundles")


def upscaler(folder: Path, scale: int = 3, threads: int = 2) -> Tuple[FakePlain, Upscaler]:
    model = FakePlain(scale, scale)
    bundle = model.bundle(folder / f"fake-{scale}")
    return model, Upscaler(bundle, model.backend(), threads=threads)


def picture(height: int, width: int) -> Any:
    return np.random.default_rng(height * 99 + width).random((height, width, 3)).astype(np.float32)


@quick
@given(st.integers(2, 4), st.integers(1, 30), st.integers(1, 30), st.integers(1, 4))
def test_threads_change_nothing(
    folder: Path, scale: int, height: int, width: int, threads: int
) -> None:
    model, up = upscaler(folder, scale, threads)
    image = picture(height, width)
    with up:
        result = up.run(image)
    np.testing.assert_array_equal(result.image, np.clip(model.upscale(image), 0, 1))


@quick
@given(st.integers(1, 30), st.integers(1, 30), st.integers(2, 9), st.integers(1, 3))
def test_tiles_change_nothing(
    folder: Path, height: int, width: int, tile: int, threads: int
) -> None:
    model, up = upscaler(folder, threads=threads)
    image = picture(height, width)
    with up:
        result = up.run(image, tile=tile)
    np.testing.assert_array_equal(result.image, np.clip(model.upscale(image), 0, 1))


def test_each_thread_gets_a_strip_with_its_halo(folder: Path) -> None:
    model, up = upscaler(folder, threads=3)
    with up:
        up.run(picture(30, 8))
    # Ten rows each; a halo of two and one more on the inner sides.
    assert sorted(shape[2] for shape in model.seen) == [13, 13, 16]
    assert {shape[3] for shape in model.seen} == {8}


def test_the_engine_has_one_thread_a_call(folder: Path) -> None:
    model, up = upscaler(folder, threads=3)
    up.close()
    assert model.threads == [1]


def test_a_low_picture_is_not_cut_below_the_halo(folder: Path) -> None:
    model, up = upscaler(folder, threads=8)
    with up:
        up.run(picture(5, 8))
    assert len(model.seen) == 2


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_the_result_has_the_inputs_dtype(folder: Path, dtype: str) -> None:
    model, up = upscaler(folder)
    white = {"uint8": 255, "uint16": 65535, "float32": 1}[dtype]
    image = (picture(9, 7) * white).astype(dtype)
    with up:
        sr = up(image)
    exact = np.clip(model.upscale((image / np.float32(white)).astype(np.float32)), 0, 1) * white
    assert sr.dtype == dtype
    assert np.abs(sr - exact).max() <= (1e-6 if white == 1 else 0.51)


def test_every_pixel_has_class_zero(folder: Path) -> None:
    _, up = upscaler(folder)
    with up:
        result = up.run(picture(9, 7))
    assert result.class_map.shape == (27, 21)
    assert not result.class_map.any()
    assert result.fractions == (1.0,)


def test_stages_and_progress_are_reported(folder: Path) -> None:
    seen: List[Tuple[int, int]] = []
    _, up = upscaler(folder)
    with up:
        image = picture(16, 24)
        result = up.run(image, tile=8, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(i, 6) for i in range(1, 7)]
    assert set(result.times) == {"preprocess", "network", "postprocess", "total"}
    assert (result.tile, result.tiles) == (8, 6)
