"""The ONNX Runtime backend, and frames through real graphs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pcsr_edge.errors import EngineError, UsageError
from pcsr_edge.runtime.backends import OnnxRuntimeBackend
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.upscaler import Upscaler

TINY = Path(__file__).parents[2] / "data" / "tiny-pcsr-x4"


@pytest.fixture(name="up", scope="module")
def _up() -> Any:
    with Upscaler.load(TINY, device="cpu", threads=2) as up:
        yield up


def picture(seed: int, height: int, width: int) -> Any:
    rng = np.random.default_rng(seed)
    coarse = rng.random((height // 8 + 1, width // 8 + 1, 3))
    smooth = np.kron(coarse, np.ones((8, 8, 1)))[:height, :width]
    return (0.7 * smooth + 0.3 * rng.random((height, width, 3))).astype(np.float32)


def test_an_engine_maps_names_to_arrays() -> None:
    graph = load_bundle(TINY).graph("backbone")
    with OnnxRuntimeBackend().load(graph, 1) as engine:
        out = engine.run({"image": picture(0, 5, 6).transpose(2, 0, 1)[None]})
    assert {name: array.shape for name, array in out.items()} == {
        "projection_0": (30, 8),
        "projection_1": (30, 4),
        "projection_classifier": (30, 2),
    }


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT to send")
def test_an_interrupted_import_is_no_failed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What the compiled part does with a KeyboardInterrupt.
    (tmp_path / "onnxruntime.py").write_text(
        "import signal\ntry:\n    signal.raise_signal(signal.SIGINT)\n"
        "except KeyboardInterrupt:\n    pass\nraise ImportError('initialization failed')\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "onnxruntime", raising=False)
    with pytest.raises(KeyboardInterrupt):
        OnnxRuntimeBackend().load(b"", 1)


def test_a_cancelled_backend_stops_all_its_engines_and_no_others() -> None:
    graph, inputs = load_bundle(TINY).graph("backbone"), {"image": np.zeros((1, 3, 5, 5), "f4")}
    backend, other = OnnxRuntimeBackend(), OnnxRuntimeBackend()
    with backend.load(graph, 1) as first, backend.load(graph, 1) as second:
        assert first.run(inputs)
        backend.cancel()
        for engine in (first, second):
            with pytest.raises(EngineError, match="terminate"):
                engine.run(inputs)
    with other.load(graph, 1) as engine:
        assert engine.run(inputs)


def test_a_cancelled_upscaler_fails_and_can_be_closed() -> None:
    with Upscaler.load(TINY, device="cpu", threads=2) as up:
        up.cancel()
        with pytest.raises(EngineError):
            up(picture(0, 40, 30))


def test_bytes_that_are_no_graph_are_refused() -> None:
    with pytest.raises(EngineError, match="compile"):
        OnnxRuntimeBackend().load(b"no graph", 1)


@pytest.mark.parametrize("inputs", [{}, {"image": np.zeros((1, 4, 5, 5), np.float32)}])
def test_wrong_inputs_are_an_engine_error(inputs: Any) -> None:
    graph = load_bundle(TINY).graph("backbone")
    with OnnxRuntimeBackend().load(graph, 1) as engine, pytest.raises(EngineError, match="ran"):
        engine.run(inputs)


@settings(max_examples=15)
@given(
    st.integers(0, 99),
    st.integers(1, 60),
    st.integers(1, 60),
    st.integers(4, 40),
    st.sampled_from([{"k": 0.0}, {"k": 0.3}, {"adaptive": True}, {"k": 0.1, "scale": 2.3}]),
)
def test_tiles_change_nothing_on_real_engines(
    up: Upscaler, seed: int, height: int, width: int, tile: int, options: Any
) -> None:
    image = picture(seed, height, width)
    whole, tiled = up.run(image, tile="off", **options), up.run(image, tile=tile, **options)
    np.testing.assert_array_equal(tiled.class_map, whole.class_map)
    np.testing.assert_allclose(tiled.image, whole.image, atol=1e-5)


def test_both_classes_occur(up: Upscaler) -> None:
    assert 0.05 < up.run(picture(1, 40, 40)).fractions[0] < 0.95


def test_half_precision_comes_close(up: Upscaler) -> None:
    image = picture(2, 30, 31)
    bundle = load_bundle(TINY)
    with Upscaler(bundle, OnnxRuntimeBackend(), precision="fp16") as half:
        other = half.run(image, force_class=0)
    assert np.abs(other.image - up.run(image, force_class=0).image).max() < 5e-3


def test_one_pixel_becomes_sixteen(up: Upscaler) -> None:
    assert up(np.full((1, 1, 3), 128, np.uint8)).shape == (4, 4, 3)


def test_half_precision_is_refused_on_the_cpu() -> None:
    with pytest.raises(UsageError, match="fp16 is for GPUs"):
        Upscaler.load(TINY, precision="fp16")
