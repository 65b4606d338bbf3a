"""What the public interface refuses, each with one clear sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Iterator

import numpy as np
import pytest
from support.fake_model import FakeModel

from pcsr_edge.errors import BackendUnavailableError, UsageError
from pcsr_edge.runtime.upscaler import Upscaler

IMAGE = np.zeros((4, 5, 3), np.uint8)


@pytest.fixture(name="up", scope="module")
def _up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upscaler]:
    model = FakeModel(0)
    bundle = model.bundle(tmp_path_factory.mktemp("bundle"))
    with Upscaler(bundle, model.backend(), threads=1) as up:
        yield up


OPTIONS: Dict[str, Dict[str, Any]] = {
    "k-nan": {"k": float("nan")},
    "k-infinite": {"k": float("inf")},
    "scale-zero": {"scale": 0},
    "scale-negative": {"scale": -2},
    "scale-nan": {"scale": float("nan")},
    "scale-so-small-that-nothing-is-left": {"scale": 0.01},
    "scale-too-large": {"scale": 1e6},
    "scale-and-size": {"scale": 2, "size": (8, 10)},
    "size-of-three": {"size": (1, 2, 3)},
    "size-zero": {"size": (0, 10)},
    "size-broken": {"size": (4.5, 10)},
    "class-unknown": {"force_class": 2},
    "class-negative": {"force_class": -1},
    "tile-below-halo": {"tile": 1},
    "tile-text": {"tile": "huge"},
    "tile-float": {"tile": 0.0},
    "memory-zero": {"memory_limit": 0},
    "memory-nan": {"memory_limit": float("nan")},
    "memory-text": {"memory_limit": "1GB"},
    "k-text": {"k": "1"},
    "k-and-adaptive": {"k": 1, "adaptive": True},
    "k-and-class": {"k": 0, "force_class": 0},
    "adaptive-and-class": {"adaptive": True, "force_class": 0},
    "size-number": {"size": 5},
    "scale-text": {"scale": "4"},
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS.keys())
def test_bad_options_are_refused(up: Upscaler, options: Dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        up.run(IMAGE, **options)


IMAGES: Dict[str, Any] = {
    "list": [[1, 2, 3]],
    "gray": np.zeros((4, 5), np.uint8),
    "alpha": np.zeros((4, 5, 4), np.uint8),
    "planes-first": np.zeros((3, 4, 5), np.uint8),
    "empty": np.zeros((0, 5, 3), np.uint8),
    "float64": np.zeros((4, 5, 3)),
    "nan": np.full((4, 5, 3), np.nan, np.float32),
    "float-in-0-255": np.full((4, 5, 3), 255, np.float32),
}


@pytest.mark.parametrize("image", IMAGES.values(), ids=IMAGES.keys())
def test_bad_images_are_refused(up: Upscaler, image: Any) -> None:
    with pytest.raises(UsageError, match="image"):
        up.run(image)


@pytest.mark.parametrize("threads", [0, -1, True, 5000, 2.0])
def test_bad_thread_counts_are_refused(tmp_path: Path, threads: Any) -> None:
    model = FakeModel(0)
    with pytest.raises(UsageError, match="threads"):
        Upscaler(model.bundle(tmp_path), model.backend(), threads=threads)


@pytest.mark.parametrize("device", ["cuda", "trt", "cuda:1", "trt:0"])
def test_a_device_that_is_not_there_is_never_replaced(tmp_path: Path, device: str) -> None:
    folder = FakeModel(0).bundle(tmp_path).folder
    with pytest.raises(BackendUnavailableError, match=device) as caught:
        Upscaler.load(folder, device=device)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("device", ["gpu", "", "cpu:1", "cuda:x"])
def test_unknown_devices_are_refused(tmp_path: Path, device: str) -> None:
    folder = FakeModel(0).bundle(tmp_path).folder
    with pytest.raises(UsageError, match="device"):
        Upscaler.load(folder, device=device)


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS.keys())
def test_bad_options_are_known_before_a_picture_is_there(
    up: Upscaler, options: Dict[str, Any]
) -> None:
    with pytest.raises(UsageError):
        up.check((9, 8), **options)


def test_good_options_pass_the_check(up: Upscaler) -> None:
    up.check((9, 8), scale=2.5, k=0.5, tile=16)


def test_the_input_is_left_alone(up: Upscaler) -> None:
    image = np.random.default_rng(0).random((6, 6, 3)).astype(np.float32)
    before = image.copy()
    up.run(image, scale=1)
    np.testing.assert_array_equal(image, before)


def test_views_and_read_only_images_are_accepted(up: Upscaler) -> None:
    image = np.random.default_rng(0).integers(0, 256, (8, 9, 3)).astype(np.uint8)
    flipped = image[::-1, ::-1]
    flipped.flags.writeable = False
    np.testing.assert_array_equal(up(flipped), up(np.ascontiguousarray(flipped)))


def test_numpy_integers_are_accepted(up: Upscaler) -> None:
    result = up.run(IMAGE, tile=np.int64(4), size=(np.int32(8), np.int32(9)))
    assert result.image.shape == (8, 9, 3)


@pytest.mark.parametrize(("options", "tile"), [({"tile": 3}, 3), ({"tile": "off"}, 0), ({}, 0)])
def test_the_result_tells_the_tile(up: Upscaler, options: Dict[str, Any], tile: int) -> None:
    result = up.run(IMAGE, **options)
    assert (result.tile, result.tiles) == (tile, 4 if tile else 1)


def test_a_low_memory_limit_cuts_tiles_as_small_as_the_halo(up: Upscaler) -> None:
    assert up.run(IMAGE, memory_limit=1).tile == 2


def free(monkeypatch: pytest.MonkeyPatch, available: int) -> None:
    monkeypatch.setattr("pcsr_edge.runtime.tile_room.available_bytes", lambda: available)


def test_a_result_that_does_not_fit_is_refused(
    up: Upscaler, monkeypatch: pytest.MonkeyPatch
) -> None:
    free(monkeypatch, 1000)
    with pytest.raises(UsageError, match="smaller scale or size"):
        up.run(IMAGE)


def test_a_closed_upscaler_says_so(tmp_path: Path) -> None:
    model = FakeModel(0)
    with Upscaler(model.bundle(tmp_path), model.backend(), threads=1) as up:
        up.run(IMAGE)
    up.close()
    with pytest.raises(UsageError, match="upscaler of fake is closed"):
        up.run(IMAGE)
