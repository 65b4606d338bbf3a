"""From a device word to a backend."""

from __future__ import annotations

import platform
import sys
from types import SimpleNamespace
from typing import Any

import onnxruntime
import pytest
from support.fake_gpu import FakeGPU

from pcsr_edge.errors import BackendUnavailableError, UsageError
from pcsr_edge.runtime.backends import backend_for
from pcsr_edge.runtime.backends.onnxruntime_cuda import PROVIDER
from pcsr_edge.runtime.engines import library


def with_cuda_build(monkeypatch: pytest.MonkeyPatch) -> None:
    session = SimpleNamespace(
        get_providers=lambda: [PROVIDER], get_provider_options=lambda: {PROVIDER: {}}
    )
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [PROVIDER])
    monkeypatch.setattr(onnxruntime, "InferenceSession", lambda *_, **__: session)


@pytest.mark.parametrize("word", ["gpu", "cpu:0", "auto:1", "trt:", "cuda:-1", ""])
def test_other_words_are_refused(word: str) -> None:
    with pytest.raises(UsageError, match="expected auto, cpu, cuda"):
        backend_for(word)


@pytest.mark.parametrize(
    ("gpu", "word", "text"),
    [
        ({"version": None}, "trt", "TensorRT cannot be imported.*run: .*pip install tensorrt"),
        ({"count": -1}, "trt", "no NVIDIA GPU can be used.*driver is too old.*nvidia-smi"),
        ({"count": 0}, "trt", "no GPU 0, this machine has none"),
        ({}, "trt:1", "no GPU 1, this machine has GPU 0 alone.*nvidia-smi -L"),
        ({"count": 3}, "trt:3", "this machine has GPUs 0 to 2"),
        ({}, "cuda", "this build of onnxruntime .* knows no CUDA; run: .*pip"),
    ],
    ids=["no tensorrt", "no driver", "no gpu", "one gpu", "three gpus", "no cuda build"],
)
def test_a_named_device_that_is_not_there_is_told(
    monkeypatch: pytest.MonkeyPatch, gpu: Any, word: str, text: str
) -> None:
    FakeGPU(monkeypatch, **gpu)
    with pytest.raises(BackendUnavailableError, match=f"device '{word}' is not there: .*{text}"):
        backend_for(word)


@pytest.mark.parametrize("word", ["trt", "cuda"])
def test_without_cupy_it_is_named(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    FakeGPU(monkeypatch)
    with_cuda_build(monkeypatch)
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(BackendUnavailableError, match=r"CuPy.* run: .*pip install .*\[gpu\]"):
        backend_for(word)


@pytest.mark.parametrize("word", ["trt", "cuda"])
def test_on_a_board_pip_alone_is_never_named(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    FakeGPU(monkeypatch)
    on_a_board(monkeypatch)
    with_cuda_build(monkeypatch)
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(BackendUnavailableError, match=r"CuPy.* pcsr-edge doctor") as caught:
        backend_for(word)
    assert "pip" not in str(caught.value)


def test_on_a_board_onnx_runtime_is_not_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeGPU(monkeypatch)
    on_a_board(monkeypatch)
    with pytest.raises(BackendUnavailableError, match=r"knows no CUDA; .*--gpu-wheel") as caught:
        backend_for("cuda")
    assert "uninstall" not in str(caught.value)


def on_a_board(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this be Linux on ARM."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")


def test_on_a_jetson_tensorrt_comes_with_the_system(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    FakeGPU(monkeypatch, version=None)
    (tmp_path / "release").write_text("# R35")
    monkeypatch.setattr(library, "JETSON_RELEASE", tmp_path / "release")
    with pytest.raises(BackendUnavailableError, match="sudo apt-get install python3-libnvinfer"):
        backend_for("trt")


def test_a_bundle_without_graphs_needs_the_named_device_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    FakeGPU(monkeypatch)
    assert backend_for("trt", graphs=False).name == "numpy"
    FakeGPU(monkeypatch, version=None)
    with pytest.raises(BackendUnavailableError):
        backend_for("trt", graphs=False)


def test_auto_takes_tensorrt_where_it_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeGPU(monkeypatch)
    backend = backend_for("auto")
    assert (backend.name, backend.choice) == ("tensorrt", "the fastest that is there")


def test_auto_takes_onnxruntime_on_the_gpu_next(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeGPU(monkeypatch, version=None)
    with_cuda_build(monkeypatch)
    backend = backend_for("auto")
    assert backend.name == "onnxruntime-cuda"
    assert "trt: TensorRT cannot be imported" in str(backend.choice)


def test_auto_takes_the_processor_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeGPU(monkeypatch, count=0)
    backend = backend_for("auto")
    assert backend.name == "onnxruntime-cpu"
    assert "no GPU can be used; trt: there is no GPU 0" in str(backend.choice)
    assert "cuda: this build of onnxruntime" in str(backend.choice)


def test_auto_takes_the_processor_where_cupy_can_compile_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    FakeGPU(monkeypatch)
    with_cuda_build(monkeypatch)

    def fail(*_: Any) -> Any:
        raise RuntimeError("CuPy failed to load libnvrtc.so.12")

    monkeypatch.setattr(sys.modules["cupy"], "arange", fail)
    backend = backend_for("auto")
    assert backend.name == "onnxruntime-cpu"
    assert "it needs NVRTC" in str(backend.choice)


def test_the_processor_by_name_asks_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeGPU(monkeypatch)
    backend = backend_for("cpu")
    assert (backend.name, backend.choice) == ("onnxruntime-cpu", None)


def test_precisions_of_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeGPU(monkeypatch)
    assert [backend_for(word).precision for word in ("cpu", "auto", "trt:0")] == [
        "fp32",
        "fp16",
        "fp16",
    ]


def test_a_backend_that_is_open_stands_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeGPU(monkeypatch)
    backend = backend_for("trt")
    assert backend_for(backend) is backend
    assert backend_for(backend, graphs=False).name == "numpy"
