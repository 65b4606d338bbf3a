"""Bicubic as a model: any size, tiles and threads without a trace, no engine, no classes."""

from __future__ import annotations

import sys
from typing import Any, Dict, Iterator, List, Tuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fake_gpu import FakeGPU

from pcsr_edge.errors import BackendUnavailableError, BundleError, UsageError
from pcsr_edge.runtime.bicubic import resize
from pcsr_edge.runtime.upscaler import Upscaler

SIDES = st.integers(1, 40)


@pytest.fixture(name="up", scope="module")
def _up() -> Iterator[Upscaler]:
    with Upscaler.load("bicubic", threads=2) as up:
        yield up


def noise(height: int, width: int, dtype: str = "uint8") -> Any:
    """Return random pixels (h, w, 3)."""
    rng = np.random.default_rng(11)
    white = {"uint8": 255, "uint16": 65535, "float32": 1}[dtype]
    return (rng.random((height, width, 3)) * white).astype(dtype)


@given(height=SIDES, width=SIDES, rows=SIDES, cols=SIDES, tile=st.integers(2, 20))
def test_tiles_and_threads_leave_no_trace(
    up: Upscaler, height: int, width: int, rows: int, cols: int, tile: int
) -> None:
    image = noise(height, width)
    result = up.run(image, size=(rows, cols), tile=tile)
    assert np.array_equal(result.image, resize(image, (rows, cols)))


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_the_dtype_is_kept(up: Upscaler, dtype: str) -> None:
    image = noise(5, 6, dtype)
    assert np.array_equal(up.run(image, scale=2.5).image, resize(image, (12, 15)))


def test_the_result_says_how_it_came_about(up: Upscaler) -> None:
    calls: List[Tuple[int, int]] = []
    result = up.run(noise(20, 9), scale=3, tile=8, progress=lambda *done: calls.append(done))
    assert (result.tile, result.tiles, result.fractions) == (8, 6, (1.0,))
    assert not result.class_map.any()
    assert set(result.times) == {"bicubic", "total"}
    assert calls == [(i + 1, 6) for i in range(6)]


def test_no_engine_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with Upscaler.load("bicubic") as up:
        assert up.backend_name == "numpy"
        assert up.run(noise(1, 1), scale=7).image.shape == (7, 7, 3)


def test_a_scale_must_be_given(up: Upscaler) -> None:
    with pytest.raises(UsageError, match="bicubic has no scale of its own"):
        up(noise(4, 4))


CHOICES: Dict[str, Dict[str, Any]] = {
    "k": {"k": 0.0},
    "adaptive": {"adaptive": True},
    "class": {"force_class": 0},
    "prices": {"prices": (2.0, 1.0)},
}


@pytest.mark.parametrize("options", CHOICES.values(), ids=CHOICES.keys())
def test_a_choice_among_classes_is_refused(up: Upscaler, options: Dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"bicubic is of method bicubic.*same work"):
        up.run(noise(4, 4), scale=2, **options)


def test_half_precision_is_refused() -> None:
    with pytest.raises(BundleError, match="no fp16 graphs, only fp32; method bicubic knows no"):
        Upscaler.load("bicubic", precision="fp16")


def test_a_gpu_asked_for_by_name_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeGPU(monkeypatch, count=0)
    with pytest.raises(BackendUnavailableError, match="device 'cuda' is not there"):
        Upscaler.load("bicubic", device="cuda")
