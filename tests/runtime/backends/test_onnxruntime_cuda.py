"""ONNX Runtime on bound memory; that of the host, since there is no GPU."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from support.fake_gpu import FakeGPU
from support.host_backend import HostBackend

from pcsr_edge.errors import BackendUnavailableError, EngineError
from pcsr_edge.runtime.backends import OnnxRuntimeBackend, backend_for
from pcsr_edge.runtime.backends import onnxruntime_cuda as ours
from pcsr_edge.runtime.bundle import load_bundle

TINY = load_bundle(Path(__file__).parents[2] / "data" / "tiny-pcsr-x4")


def inputs(precision: str) -> Any:
    rng = np.random.default_rng(0)
    kind = np.float16 if precision == "fp16" else np.float32
    return {
        "projection": rng.random((9, 8)).astype(kind),
        "cell": rng.integers(0, 9, 40).astype(np.int32),
        "phase": rng.integers(0, 16, 40).astype(np.int32),
        "geometry": rng.random((16, 4), dtype=np.float32),
    }


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_bound_memory_gives_the_same(precision: str) -> None:
    graph, given = TINY.graph("upsampler_0", precision), inputs(precision)
    with OnnxRuntimeBackend().load(graph, 1) as plain, HostBackend().load(graph, 1) as bound:
        expected, found = plain.run(given), bound.run(given)
    np.testing.assert_array_equal(found["residual"], expected["residual"])


def test_half_outputs_keep_their_type() -> None:
    image = {"image": np.zeros((1, 3, 4, 4), np.float32)}
    with HostBackend().load(TINY.graph("backbone", "fp16"), 1) as bound:
        assert bound.run(image)["projection_0"].dtype == np.float16


def test_a_result_outlives_its_run() -> None:
    engine: Any = HostBackend().load(TINY.graph("backbone"), 1)
    ones, zeros = np.ones((1, 3, 40, 40), np.float32), np.zeros((1, 3, 40, 40), np.float32)
    first = engine.enqueue({"image": ones})["projection_0"]
    copy = first.copy()
    for _ in range(5):
        engine.enqueue({"image": zeros})
    np.testing.assert_array_equal(first, copy)


@pytest.mark.parametrize("given", [{}, {"image": np.zeros((1, 4, 5, 5), np.float32)}])
def test_wrong_inputs_are_an_engine_error(given: Any) -> None:
    engine = HostBackend().load(TINY.graph("backbone"), 1)
    with engine, pytest.raises(EngineError, match="ran a graph on host"):
        engine.run(given)


def test_a_build_without_cuda_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeGPU(monkeypatch)
    with pytest.raises(BackendUnavailableError, match=r"knows no CUDA; run: .*pip uninstall"):
        ours.OnnxRuntimeCudaBackend(0)


@pytest.mark.filterwarnings("ignore:Specified provider")
def test_the_silent_fall_to_the_processor_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # This is what ONNX Runtime itself does here: a session without the provider asked for.
    FakeGPU(monkeypatch)
    monkeypatch.setattr(
        onnxruntime, "get_available_providers", lambda: [ours.PROVIDER, "CPUExecutionProvider"]
    )
    with pytest.raises(BackendUnavailableError, match="does not start on Xavier: CUDA or cuDNN"):
        ours.OnnxRuntimeCudaBackend(0)


@pytest.mark.filterwarnings("ignore:Specified provider")
def test_auto_passes_over_a_gpu_that_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeGPU(monkeypatch, version=None)
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [ours.PROVIDER])
    backend = backend_for("auto")
    assert backend.name == "onnxruntime-cpu"
    assert "cuda: onnxruntime" in str(backend.choice)
    assert "does not start" in str(backend.choice)


def test_what_onnxruntime_prints_does_not_reach_stdout(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    FakeGPU(monkeypatch)

    class Session:
        def __init__(self, *_: Any, **__: Any) -> None:
            print("EP Error CUDA failure 35: driver version is insufficient")

        def get_providers(self) -> Any:
            return ["CPUExecutionProvider"]

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [ours.PROVIDER])
    monkeypatch.setattr(onnxruntime, "InferenceSession", Session)
    with pytest.raises(BackendUnavailableError, match="does not start on Xavier"):
        ours.OnnxRuntimeCudaBackend(0)
    assert capsys.readouterr().out == ""


def test_auto_passes_over_an_onnxruntime_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeGPU(monkeypatch, version=None)

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED")

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [ours.PROVIDER])
    monkeypatch.setattr(onnxruntime, "InferenceSession", broken)
    backend = backend_for("auto")
    assert backend.name == "onnxruntime-cpu"
    assert "CUBLAS failure 3" in str(backend.choice)


def choices(monkeypatch: pytest.MonkeyPatch, known: Any) -> Any:
    """Return the options of two sessions: that of the probe, and one of a graph."""
    FakeGPU(monkeypatch, count=2)
    seen = []

    class Session:
        def __init__(self, graph: bytes, options: Any, providers: Any) -> None:
            [(provider, choice)] = providers
            assert provider == ours.PROVIDER
            seen.append(choice)

        def get_providers(self) -> Any:
            return [ours.PROVIDER]

        def get_provider_options(self) -> Any:
            return {ours.PROVIDER: known}

        def get_outputs(self) -> Any:
            return []

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [ours.PROVIDER])
    monkeypatch.setattr(onnxruntime, "InferenceSession", Session)
    backend = ours.OnnxRuntimeCudaBackend(1)
    backend.load(b"graph", 1)
    place = {"device_id": "1", "user_compute_stream": str(backend.device.stream)}
    assert all(place.items() <= choice.items() for choice in seen)
    return [{name: c[name] for name in c if name not in place} for c in seen]


def test_float32_is_not_rounded_to_tf32(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"device_id": "1", "use_tf32": "1"}
    assert choices(monkeypatch, known) == [{}, {"use_tf32": "0"}]


def test_an_older_onnxruntime_is_not_asked_for_what_it_does_not_know(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert choices(monkeypatch, {"device_id": "1"}) == [{}, {}]
