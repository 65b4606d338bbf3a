"""Engines found, built and explained."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

import numpy as np
import pytest
from support.fake_gpu import FakeGPU
from support.tensorrt_facts import VERSIONS

from pcsr_edge.errors import EngineError
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.cuda_device import CudaDevice
from pcsr_edge.runtime.engines.graph import read_graph
from pcsr_edge.runtime.engines.library import load_tensorrt
from pcsr_edge.runtime.engines.shelf import Shelf
from pcsr_edge.runtime.engines.workshop import Workshop

TINY = load_bundle(Path(__file__).parents[2] / "data" / "tiny-pcsr-x4")
GRAPH = read_graph(TINY.graph("backbone", "fp16"))
SHAPES = {"image": (1, 3, 20, 30)}
Open = Callable[..., Any]


@pytest.fixture(name="open_shop")
def _open_shop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Open:
    def open_shop(version: str = "8.5.2.2", exact: bool = False, **cupy: Any) -> Any:
        gpu = FakeGPU(monkeypatch, version, **cupy)
        shop = Workshop(
            load_tensorrt(), CudaDevice(0), Shelf(tmp_path), gpu.said.append, exact=exact
        )
        return gpu, shop

    return open_shop


@pytest.mark.parametrize("version", VERSIONS)
def test_an_engine_is_built_once(open_shop: Open, version: str) -> None:
    gpu, shop = open_shop(version)
    shop.context(GRAPH, SHAPES)
    shop.context(GRAPH, {"image": (1, 3, 64, 7)})
    assert shop.built == 1
    again, other = open_shop(version)
    other.context(GRAPH, SHAPES)
    assert (other.built, again.said) == (0, [])
    assert len(gpu.said) == 2


def test_what_is_built_is_said_before_and_after(open_shop: Open) -> None:
    gpu, shop = open_shop()
    shop.context(GRAPH, SHAPES)
    before, after = gpu.said
    assert "backbone of tiny-pcsr-x4 (fp16, image 1x3x1x1..1x3x64x64) for Xavier" in before
    assert "this can take minutes; cached after this" in before
    assert after.startswith("built in 0 s")


def test_the_estimate_comes_from_builds_before(open_shop: Open) -> None:
    gpu, shop = open_shop()
    shop.context(GRAPH, SHAPES)
    shop.context(GRAPH, {"image": (1, 3, 65, 7)})
    assert "about 0 s, by 1 builds before; cached after this" in gpu.said[2]


def test_a_frame_beyond_the_range_has_an_engine_of_its_own(open_shop: Open) -> None:
    _, shop = open_shop()
    shop.context(GRAPH, SHAPES)
    shop.context(GRAPH, {"image": (1, 3, 65, 7)})
    assert shop.built == 2


def test_an_exact_engine_is_taken_where_there_is_one(open_shop: Open) -> None:
    _, exact = open_shop(exact=True)
    exact.context(GRAPH, SHAPES)
    _, shop = open_shop()
    shop.context(GRAPH, SHAPES)
    assert shop.built == 0
    shop.context(GRAPH, {"image": (1, 3, 20, 31)})
    assert shop.built == 1


def test_an_engine_of_another_version_is_explained_and_built_anew(open_shop: Open) -> None:
    _, old = open_shop("8.5.2.2")
    old.context(GRAPH, SHAPES)
    gpu, new = open_shop("8.6.1")
    new.context(GRAPH, SHAPES)
    assert "for another place: tensorrt 8.5.2.2, now 8.6.1" in gpu.said[0]
    assert new.built == 1


def test_an_engine_that_tensorrt_does_not_read_is_built_anew(open_shop: Open) -> None:
    _, old = open_shop("10.3.0")
    old.context(GRAPH, SHAPES)
    gpu, shop = open_shop("10.3.0")
    # The same version by name, another one inside.
    gpu.tensorrt.version = "10.3.0.1"
    shop.context(GRAPH, SHAPES)
    assert "is stale: TensorRT 10.3.0 does not read it: Serialized engine version" in gpu.said[0]
    assert shop.built == 1


def test_a_damaged_engine_is_built_anew(open_shop: Open, tmp_path: Path) -> None:
    _, shop = open_shop()
    shop.context(GRAPH, SHAPES)
    path = next(tmp_path.glob("*.engine"))
    path.write_bytes(path.read_bytes()[:-9])
    shop.context(GRAPH, SHAPES)
    assert shop.built == 2


def test_timings_go_from_build_to_build(open_shop: Open, tmp_path: Path) -> None:
    _, shop = open_shop()
    shop.context(GRAPH, SHAPES)
    shop.context(GRAPH, {"image": (1, 3, 65, 7)})
    assert next(tmp_path.glob("*.timings")).read_bytes() == b"++"


def test_nothing_is_built_that_cannot_be_kept(open_shop: Open, tmp_path: Path) -> None:
    gpu, shop = open_shop()
    (tmp_path / "blocked").write_text("")
    shop._shelf.folder = tmp_path / "blocked" / "engines"
    with pytest.raises(EngineError, match="cannot be kept"):
        shop.context(GRAPH, SHAPES)
    assert gpu.tensorrt.configs == []


def test_a_failed_build_leaves_nothing(open_shop: Open, tmp_path: Path) -> None:
    gpu, shop = open_shop()
    gpu.tensorrt.faults.memory = True
    with pytest.raises(EngineError, match="OutOfMemory"):
        shop.context(GRAPH, SHAPES)
    assert list(tmp_path.iterdir()) == []


def test_layers_may_use_half_of_the_free_memory(open_shop: Open) -> None:
    gpu, shop = open_shop(free=2**30)
    shop.context(GRAPH, SHAPES)
    assert gpu.tensorrt.configs[0].pools == {"WORKSPACE": 2**29}


def test_a_full_gpu_is_told_before_building(open_shop: Open) -> None:
    _, shop = open_shop(free=2**20)
    with pytest.raises(EngineError, match="1 MiB of the memory of Xavier are free"):
        shop.context(GRAPH, SHAPES)


@pytest.mark.parametrize("version", VERSIONS)
def test_no_room_for_a_context_is_told(open_shop: Open, version: str) -> None:
    gpu, shop = open_shop(version)
    gpu.tensorrt.faults.no_context = True
    with pytest.raises(EngineError, match=r"cannot prepare backbone.*OutOfMemory"):
        shop.context(GRAPH, SHAPES)


@pytest.mark.parametrize("version", VERSIONS)
def test_two_sets_of_shapes_are_ready_at_once(open_shop: Open, version: str) -> None:
    # Up to 8.6 two contexts of one engine cannot share its profile.
    _, shop = open_shop(version)
    one, other = (shop.context(GRAPH, {"image": (1, 3, h, 9)}) for h in (5, 6))
    for context, height in ((one, 5), (other, 6), (one, 5)):
        image = shop._device.upload(np.zeros((1, 3, height, 9), np.float32))
        found = context.enqueue({"image": image})
        assert found["projection_0"].shape == (height * 9, 8)
