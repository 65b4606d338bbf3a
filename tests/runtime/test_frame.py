"""Whole frames against the per-pixel reference, and tiles against whole frames."""

from __future__ import annotations

import time
import weakref
from pathlib import Path
from typing import Any, List, Tuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import reference
from support.fake_model import FakeModel

from pcsr_edge.runtime import frame, methods, tile_job
from pcsr_edge.runtime.network import Network
from pcsr_edge.runtime.tile_job import TileJob
from pcsr_edge.runtime.tuning import NEVER, Tuning
from pcsr_edge.runtime.upscaler import Upscaler


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bundles")


def upscaler(
    folder: Path,
    seed: int,
    classes: int,
    threads: int = 2,
    std: float = 1.0,
    dense: bool = False,
) -> Tuple[FakeModel, Upscaler]:
    model = FakeModel(seed, classes, std=std, dense=dense)
    bundle = model.bundle(folder / f"fake-{classes}-{dense}")
    return model, Upscaler(bundle, model.backend(), threads=threads)


def tuned(
    monkeypatch: pytest.MonkeyPatch, folder: Path, batch: int, every_from: float, dense: bool
) -> Tuple[FakeModel, Upscaler]:
    """Return an upscaler of 3 classes that takes these choices in place of measured ones."""
    tuning = Tuning((batch,) * 3, (every_from,) * 3)
    monkeypatch.setattr(methods, "tuning_of", lambda *_: tuning)
    return upscaler(folder, 8, 3, dense=dense)


def picture(seed: int, height: int, width: int) -> Any:
    return np.random.default_rng(seed).random((height, width, 3)).astype(np.float32)


sizes = st.integers(1, 6)
classes_of = st.integers(1, 4)
quick = settings(max_examples=25)


@quick
@given(st.integers(0, 99), classes_of, sizes, sizes, st.sampled_from([1, 2, 3, 4, 1.5, 2.7, 0.6]))
@pytest.mark.parametrize("dense", [False, True])
def test_frame_equals_the_reference(
    folder: Path, dense: bool, seed: int, classes: int, height: int, width: int, scale: float
) -> None:
    model, up = upscaler(folder, seed, classes, dense=dense)
    image = picture(seed, height, width)
    size = max(1, round(height * scale)), max(1, round(width * scale))
    with up:
        result = up.run(image, k=0.7, size=size)
    scores = reference.assign(model, image, size, 0.7)
    chosen = np.take_along_axis(scores, result.class_map[..., None].astype(int), -1)[..., 0]
    np.testing.assert_allclose(chosen, scores.max(-1), rtol=1e-5)
    expected = reference.upscale(model, image, size, result.class_map)
    np.testing.assert_allclose(result.image, expected, atol=1e-5)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("classes", [1, 2, 4])
def test_few_values_of_the_fake_are_clipped(folder: Path, seed: int, classes: int) -> None:
    # Clipped values would be equal whatever the frame does.
    _, up = upscaler(folder, seed, classes)
    with up:
        sr = up(picture(seed, 8, 9))
    assert ((sr > 0) & (sr < 1)).mean() > 0.6


@quick
@given(st.integers(0, 99), classes_of, sizes, sizes, st.integers(1, 20), st.integers(1, 20))
def test_sizes_of_any_shape_equal_the_reference(
    folder: Path, seed: int, classes: int, h: int, w: int, rows: int, cols: int
) -> None:
    model, up = upscaler(folder, seed, classes)
    image = picture(seed, h, w)
    with up:
        result = up.run(image, k=0.2, size=(rows, cols))
    expected = reference.upscale(model, image, (rows, cols), result.class_map)
    np.testing.assert_allclose(result.image, expected, atol=1e-5)


@pytest.mark.parametrize("dense", [False, True])
@pytest.mark.parametrize("every_from", [0.0, NEVER])
@pytest.mark.parametrize("size", [(27, 45), (20, 33), (36, 60)])
def test_bands_and_batches_change_nothing(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    size: Tuple[int, int],
    every_from: float,
    dense: bool,
) -> None:
    image = picture(8, 9, 15)
    model, up = tuned(monkeypatch, folder, 10**6, NEVER, dense)
    with up:
        whole = up.run(image, k=0.2, size=size)
    # Several batches a band and class; several rows a band, and one where 37 is less.
    model, up = tuned(monkeypatch, folder, 37, every_from, dense)
    with up:
        for queries in (37, 200):
            monkeypatch.setattr(tile_job, "QUERIES_PER_BAND", queries)
            cut = up.run(image, k=0.2, size=size)
            np.testing.assert_array_equal(cut.class_map, whole.class_map)
            np.testing.assert_allclose(cut.image, whole.image, atol=1e-6)
    expected = reference.upscale(model, image, size, whole.class_map)
    np.testing.assert_allclose(whole.image, expected, atol=1e-5)


@quick
@given(st.integers(0, 99), classes_of, st.integers(1, 23), st.integers(1, 23), st.integers(2, 9))
@pytest.mark.parametrize("mode", [{"k": 0.3}, {"adaptive": True}, {"k": 1.0, "refine": False}])
@pytest.mark.parametrize(("scale", "dense"), [(3, False), (1.6, False), (4, True)])
def test_tiles_change_nothing(
    folder: Path,
    mode: Any,
    scale: float,
    dense: bool,
    seed: int,
    classes: int,
    h: int,
    w: int,
    tile: int,
) -> None:
    _, up = upscaler(folder, seed, classes, dense=dense)
    image = picture(seed, h, w)
    size = max(1, round(h * scale)), max(1, round(w * scale))
    with up:
        whole = up.run(image, tile="off", size=size, **mode)
        tiled = up.run(image, tile=tile, size=size, **mode)
    assert whole.tiles == 1
    np.testing.assert_array_equal(tiled.class_map, whole.class_map)
    np.testing.assert_allclose(tiled.image, whole.image, atol=1e-5)


@quick
@given(st.integers(0, 99), classes_of, st.integers(1, 40), st.integers(1, 40))
@pytest.mark.parametrize("options", [{"k": 0.3}, {"adaptive": True}, {"force_class": 0}])
def test_dense_graphs_change_nothing(
    folder: Path, options: Any, seed: int, classes: int, h: int, w: int
) -> None:
    _, gathering = upscaler(folder, seed, classes)
    _, dense = upscaler(folder, seed, classes, dense=True)
    image = picture(seed, h, w)
    with gathering, dense:
        expected, got = gathering.run(image, **options), dense.run(image, **options)
    np.testing.assert_array_equal(got.class_map, expected.class_map)
    np.testing.assert_allclose(got.image, expected.image, atol=1e-5)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_the_result_has_the_input_s_dtype(folder: Path, dtype: str) -> None:
    _, up = upscaler(folder, 1, 2)
    white = {"uint8": 255, "uint16": 65535, "float32": 1}[dtype]
    image = (picture(2, 5, 7) * white).astype(dtype)
    with up:
        sr = up(image)
    assert sr.dtype == dtype
    assert sr.shape == (20, 28, 3)


def test_8_and_16_bit_agree_with_float(folder: Path) -> None:
    _, up = upscaler(folder, 3, 2)
    image = np.random.default_rng(0).integers(0, 256, (9, 8, 3)).astype(np.uint8)
    with up:
        exact = up((image / np.float32(255)).astype(np.float32))
        assert np.abs(up(image) - exact * 255.0).max() <= 0.51
        assert np.abs(up(image * np.uint16(257)) - exact * 65535.0).max() <= 1.5


@pytest.mark.parametrize("dense", [False, True])
@pytest.mark.parametrize("size", [(40, 300), (70, 30)])
def test_threads_change_nothing(folder: Path, size: Tuple[int, int], dense: bool) -> None:
    image = picture(5, *size)
    results = []
    for threads in (1, 3):
        _, up = upscaler(folder, 4, 3, threads, dense=dense)
        with up:
            results.append(up.run(image, adaptive=True))
    np.testing.assert_array_equal(results[0].class_map, results[1].class_map)
    np.testing.assert_array_equal(results[0].image, results[1].image)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (9, 12)])
def test_an_image_of_one_colour_is_light_everywhere_under_adm(
    folder: Path, height: int, width: int
) -> None:
    _, up = upscaler(folder, 0, 3)
    image = np.empty((height, width, 3), np.float32)
    image[:] = 0.2, 0.5, 0.9
    with up:
        result = up.run(image, adaptive=True)
    assert (result.class_map == 2).all()


def test_an_image_of_two_colours_has_every_class_under_adm(folder: Path) -> None:
    _, up = upscaler(folder, 0, 3)
    image = np.full((9, 12, 3), 0.5, np.float32)
    image[-1, -1, -1] = 0.6
    with up:
        result = up.run(image, adaptive=True)
    assert min(result.fractions) > 0


@pytest.mark.parametrize("j", [0, 1, 2])
def test_forced_class_fills_the_map(folder: Path, j: int) -> None:
    model, up = upscaler(folder, 0, 3)
    image = picture(1, 4, 5)
    with up:
        result = up.run(image, force_class=j)
    assert (result.class_map == j).all()
    assert result.fractions[j] == 1
    expected = reference.upscale(model, image, (16, 20), result.class_map)
    np.testing.assert_allclose(result.image, expected, atol=1e-5)


def test_times_and_fractions_are_reported(folder: Path) -> None:
    _, up = upscaler(folder, 0, 2)
    with up:
        result = up.run(picture(0, 16, 16))
    assert {"backbone", "classifier", "assignment", "gather", "total"} <= set(result.times)
    assert sum(result.fractions) == pytest.approx(1)


@pytest.mark.parametrize(("tile", "backbones"), [("off", 1), (8, 12)])
def test_adm_keeps_the_scanned_features_of_a_lone_tile(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tile: Any, backbones: int
) -> None:
    runs = []
    features = Network.features
    # Loaded before: a network that is measured runs its backbone.
    _, up = upscaler(folder, 0, 2)
    monkeypatch.setattr(Network, "features", lambda *a: runs.append(1) or features(*a))
    with up:
        up.run(picture(0, 16, 24), tile=tile, adaptive=True)
    assert len(runs) == 2 * backbones  # a tile has a strip for each of two threads


def test_adm_holds_one_tile_at_a_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: List[Any] = []
    features = Network.features

    def noted(network: Network, planes: Any) -> Any:
        out = dict(features(network, planes))
        made.extend(weakref.ref(array) for array in out.values())
        return out

    class Alone(TileJob):
        def __init__(self, *args: Any) -> None:
            # A thread may hold what it has done for a moment longer.
            for _ in range(100):
                if not any(array() is not None for array in made):
                    break
                time.sleep(0.01)
            assert not any(array() is not None for array in made)
            super().__init__(*args)

    _, up = upscaler(folder, 0, 2)
    monkeypatch.setattr(Network, "features", noted)
    monkeypatch.setattr(frame, "TileJob", Alone)
    with up:
        up.run(picture(0, 16, 24), tile=8, adaptive=True)
    # Twice six tiles of two strips, with three projections each.
    assert len(made) == 2 * 6 * 2 * 3


def test_progress_counts_the_tiles(folder: Path) -> None:
    seen = []
    _, up = upscaler(folder, 0, 2)
    with up:
        up.run(picture(0, 16, 24), tile=8, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(i, 6) for i in range(1, 7)]


def test_residuals_are_scaled_by_the_standard_deviation(folder: Path) -> None:
    model, up = upscaler(folder / "std", 6, 2, std=0.25)
    image = picture(7, 4, 5)
    with up:
        result = up.run(image, k=0.7)
    expected = reference.upscale(model, image, (16, 20), result.class_map)
    np.testing.assert_allclose(result.image, expected, atol=1e-5)
