"""Frames on a device, with NumPy as its library, against frames in host memory."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Dict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.fake_supernet import fake_table
from support.host_backend import device_upscaler

from pcsr_edge.errors import EngineError
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.patch_table import FILES
from pcsr_edge.runtime.upscaler import Upscaler

DATA = Path(__file__).parents[2] / "data"
PCSR, PLAIN, CASCADE = (DATA / f"tiny-{name}-x4" for name in ("pcsr", "plain", "cascade"))
few = settings(max_examples=12)


@pytest.fixture(name="supernets", scope="module")
def _supernets(tmp_path_factory: pytest.TempPathFactory) -> Dict[str, Path]:
    """Return the tiny supernets, with tables."""
    folder = tmp_path_factory.mktemp("supernets")
    for method, file in FILES.items():
        shutil.copytree(DATA / f"tiny-{method}-x4", folder / method)
        text = fake_table(load_bundle(folder / method).manifest).to_json()
        (folder / method / file).write_text(text, encoding="utf-8")
    return {method: folder / method for method in FILES}


def picture(seed: int, height: int, width: int, dtype: Any = np.float32) -> Any:
    rng = np.random.default_rng(seed)
    coarse = rng.random((height // 8 + 1, width // 8 + 1, 3))
    smooth = np.kron(coarse, np.ones((8, 8, 1)))[:height, :width]
    values = 0.7 * smooth + 0.3 * rng.random((height, width, 3))
    white = {"float32": 1, "uint8": 255, "uint16": 65535}[np.dtype(dtype).name]
    return (values * white).astype(dtype)


def compare(model: Path, image: Any, **options: Any) -> None:
    with Upscaler.load(model, device="cpu", threads=2) as host, device_upscaler(model) as device:
        expected, found = host.run(image, **options), device.run(image, **options)
    np.testing.assert_array_equal(found.class_map, expected.class_map)
    assert found.image.dtype == expected.image.dtype
    if image.dtype == np.float32:
        np.testing.assert_allclose(found.image, expected.image, atol=1e-4)
    else:
        apart = found.image.astype(int) - expected.image.astype(int)
        # As much as 1e-4 of white, and one step where it is less.
        assert np.abs(apart).max() <= (1 if image.dtype == np.uint8 else 7)


@few
@given(
    st.integers(0, 99),
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from(
        [
            {"k": 0.0},
            {"k": 0.3, "tile": 9},
            {"adaptive": True},
            {"adaptive": True, "tile": 12},
            {"work": 1.0},
            {"force_class": 0},
            {"force_class": 1},
            {"refine": False},
            {"k": 0.1, "scale": 2.3},
            {"k": 0.1, "scale": 0.7},
        ]
    ),
)
def test_pcsr_gives_the_same_on_a_device(
    seed: int, height: int, width: int, options: Dict[str, Any]
) -> None:
    compare(PCSR, picture(seed, height, width), **options)


@pytest.mark.parametrize("tile", ["off", 20])
def test_with_little_work_only_busy_rows_are_classified(tile: Any) -> None:
    image = picture(7, 80, 64)
    image[:60] *= 0.1
    classified = []
    with device_upscaler(PCSR) as device:
        engine = device._method._workspace.engines["classifier"]  # type: ignore[attr-defined]
        run = engine.enqueue

        def counted(inputs: Any) -> Any:
            classified.append(len(inputs["cell"]))
            return run(inputs)

        engine.enqueue = counted
        result = device.run(image, work=0.02, tile=tile)
    # Batches have 16384 queries: a band of five, or the lowest four of 16 tiles, each twice.
    assert sum(classified) <= (3 if tile == "off" else 8) * 2**14
    assert 0.01 < result.fractions[0] <= 0.021
    assert (result.class_map[: 4 * 40] == 1).all()


def test_a_share_of_work_is_kept_on_a_device() -> None:
    with device_upscaler(PCSR) as device:
        fractions = device.run(picture(6, 40, 40), work=0.4).fractions
    assert fractions[0] == pytest.approx(0.4, abs=0.01)


@few
@given(st.integers(0, 99), st.integers(1, 40), st.integers(1, 40), st.sampled_from(["off", 8, 16]))
def test_a_plain_network_gives_the_same_on_a_device(
    seed: int, height: int, width: int, tile: Any
) -> None:
    compare(PLAIN, picture(seed, height, width), tile=tile)


@few
@given(
    st.integers(0, 99),
    st.integers(1, 70),
    st.integers(1, 70),
    st.sampled_from(
        [
            {},
            {"k": 1.0},
            {"k": -2.0, "tile": 20},
            {"adaptive": True, "tile": 16},
            {"work": 0.3, "tile": 20},
            {"work": 1.0},
            {"force_class": 0, "tile": 33},
            {"force_class": 1},
        ]
    ),
)
def test_a_cascade_gives_the_same_on_a_device(
    seed: int, height: int, width: int, options: Dict[str, Any]
) -> None:
    compare(CASCADE, picture(seed, height, width), **options)


@pytest.mark.parametrize("model", ["esr-tm-x4", "esr-max-x2"])
@pytest.mark.parametrize("tile", ["off", 9])
@pytest.mark.parametrize("gray", [False, True])
def test_edge_sr_gives_the_same_on_a_device(model: str, tile: Any, gray: bool) -> None:
    image = picture(4, 22, 31)
    compare(Path(model), image[..., :1].repeat(3, axis=2) if gray else image, tile=tile)


@few
@given(
    st.integers(0, 99),
    st.integers(1, 75),
    st.integers(1, 75),
    st.sampled_from(
        [
            {},
            {"eta": 0.0},
            {"eta": 1e9, "tile": 40},
            {"work": 0.4, "tile": 33},
            {"force_class": 0},
            {"force_class": 2, "tile": 33},
            {"halo": True},
            {"halo": True, "eta": 0.05, "tile": 40},
            {"halo": True, "force_class": 1},
        ]
    ),
    st.sampled_from(["arm", "wbsr"]),
)
def test_a_supernet_gives_the_same_on_a_device(
    supernets: Dict[str, Path],
    seed: int,
    height: int,
    width: int,
    options: Dict[str, Any],
    method: str,
) -> None:
    compare(supernets[method], picture(seed, height, width), **options)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_supernet_gives_whole_numbers(supernets: Dict[str, Path], dtype: Any) -> None:
    compare(supernets["arm"], picture(3, 21, 34, dtype))


def test_averages_of_patches_are_the_same_to_the_last_bit(supernets: Dict[str, Path]) -> None:
    image, arm = picture(8, 50, 41), supernets["arm"]
    with Upscaler.load(arm, device="cpu", threads=1) as host, device_upscaler(arm) as device:
        expected, found = (up.run(image, eta=0.0).image for up in (host, device))
    np.testing.assert_array_equal(found, expected)


def test_patches_go_in_large_batches(supernets: Dict[str, Path]) -> None:
    with device_upscaler(supernets["arm"]) as device:
        engine = device._method._workspace.engines["subnet_0"]  # type: ignore[attr-defined]
        run, sizes = engine.enqueue, []

        def counted(inputs: Any) -> Any:
            sizes.append(len(inputs["image"]))
            return run(inputs)

        engine.enqueue = counted
        device.run(picture(9, 30, 24), force_class=0)
    # 5 rows of 4 patches.
    assert sizes == [16, 4]


def test_planes_of_video_give_the_same_on_a_device() -> None:
    rng = np.random.default_rng(5)
    y, cb, cr = (
        rng.integers(16, 236, shape).astype(np.uint8) for shape in [(20, 30), *2 * [(10, 15)]]
    )
    with Upscaler.load("esr-tm-x2", threads=2) as host, device_upscaler("esr-tm-x2") as device:
        for expected, found in zip(
            host.upscale_planes(y, cb, cr), device.upscale_planes(y, cb, cr)
        ):
            np.testing.assert_array_equal(found, expected)


def test_planes_of_video_that_are_not_finite_are_refused() -> None:
    y, cb, cr = (np.full(shape, 128, np.uint8) for shape in [(20, 30), *2 * [(10, 15)]])
    with device_upscaler("esr-tm-x2") as device:
        engine = device._method._workspace.engines["network"]  # type: ignore[attr-defined]
        run = engine.enqueue
        engine.enqueue = lambda inputs: {"sr": run(inputs)["sr"] * np.float32(np.nan)}
        with pytest.raises(EngineError, match="network gave NaN or infinity in its output sr"):
            device.upscale_planes(y, cb, cr)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("model", [PCSR, PLAIN, CASCADE], ids=lambda path: path.name)
def test_whole_numbers_come_back_as_they_went(model: Path, dtype: Any) -> None:
    compare(model, picture(3, 21, 34, dtype))
