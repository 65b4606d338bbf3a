"""Devices: host memory in their clothes, and GPUs through a fake of CuPy."""

from __future__ import annotations

import sys
from typing import Any, Optional

import numpy as np
import pytest
from support.fake_cupy import CompileException, CUDADriverError, CUDARuntimeError, Stream
from support.fake_gpu import FakeGPU

from pcsr_edge.errors import BackendUnavailableError, EngineError
from pcsr_edge.runtime.array_module import array_module, to_host
from pcsr_edge.runtime.cuda_device import CudaDevice
from pcsr_edge.runtime.device import Device, HostDevice


@pytest.fixture(name="device", params=["host", "cuda"])
def _device(request: Any, monkeypatch: pytest.MonkeyPatch) -> Device:
    FakeGPU(monkeypatch)
    return HostDevice() if request.param == "host" else CudaDevice(0)


VALUES = np.arange(12, dtype=np.float32).reshape(3, 4)


def test_what_goes_up_comes_back(device: Device) -> None:
    there = device.upload(VALUES[:, ::2])
    back = device.fetch(there)()
    assert isinstance(back, np.ndarray)
    np.testing.assert_array_equal(back, VALUES[:, ::2])


def test_a_copy_is_of_the_time_it_was_asked_for(device: Device) -> None:
    there = device.upload(VALUES)
    wait = device.fetch(there)
    there[...] = 0
    np.testing.assert_array_equal(wait(), VALUES)


def test_a_buffer_keeps_its_address(device: Device) -> None:
    there = device.upload(VALUES)
    place = device.pointer(there)
    assert device.pointer(device.upload(VALUES + 1, there)) == place
    np.testing.assert_array_equal(to_host(there), VALUES + 1)


def test_memory_of_others_becomes_an_array(device: Device) -> None:
    owner = VALUES.copy()
    array = device.wrap(owner.ctypes.data, (3, 4), np.float32, owner)
    assert array_module(array) is device.xp
    np.testing.assert_array_equal(to_host(array), VALUES)


def test_what_is_recorded_is_not_done_before_it_is_replayed(device: Device) -> None:
    done = []

    def work() -> None:
        # As a library does that was given the stream.
        stream = Stream.by_handle.get(device.stream)
        stream.run(lambda: done.append(1)) if stream else done.append(1)

    replay = device.record(work)
    assert done == []
    replay()
    replay()
    assert done == [1, 1]


def test_what_cannot_be_recorded_is_an_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeGPU(monkeypatch)
    device = CudaDevice(0)
    Stream.can_record = False
    with pytest.raises(EngineError, match="cannot record a graph"):
        device.record(lambda: None)


def test_a_gpu_says_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeGPU(monkeypatch, count=2, name="Orin", capability="8.7", free=5)
    device = CudaDevice(1)
    assert (device.kind, device.index) == ("cuda", 1)
    assert (device.name, device.capability, device.free_bytes()) == ("Orin", "8.7", 5)


@pytest.mark.parametrize(
    ("integrated", "available", "found"),
    [(True, 70, 70), (True, 3, 5), (True, None, 5), (False, 70, 5)],
)
def test_a_gpu_that_shares_memory_has_what_linux_would_give_up(
    monkeypatch: pytest.MonkeyPatch, integrated: bool, available: Optional[int], found: int
) -> None:
    FakeGPU(monkeypatch, free=5, integrated=integrated)
    monkeypatch.setattr("pcsr_edge.runtime.cuda_device.available_bytes", lambda: available)
    assert CudaDevice(0).free_bytes() == found


def test_a_gpu_without_room_for_a_stream_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeGPU(monkeypatch)
    cupy: Any = sys.modules["cupy"]

    def full(**_: Any) -> Any:
        raise cupy.cuda.runtime.CUDARuntimeError("cudaErrorMemoryAllocation: out of memory")

    monkeypatch.setattr(cupy.cuda, "Stream", full)
    with pytest.raises(BackendUnavailableError, match="cudaErrorMemoryAllocation"):
        CudaDevice(0)


@pytest.mark.parametrize(
    "error",
    [
        CUDARuntimeError("illegal\nmemory access"),
        CUDADriverError("CUDA_ERROR_UNSUPPORTED_PTX_VERSION: illegal"),
        CompileException("cannot open source file cuda_fp16.h"),
        RuntimeError("CuPy failed to load libnvrtc.so.12"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_of_cuda_become_ours(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    FakeGPU(monkeypatch)
    device = CudaDevice(0)
    text = f"CUDA failed on Xavier: {str(error).splitlines()[0]}$"
    with pytest.raises(EngineError, match=text), device.active():
        raise error


def test_other_errors_stay_what_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeGPU(monkeypatch)
    with pytest.raises(RuntimeError, match="a mistake of ours"), CudaDevice(0).active():
        raise RuntimeError("a mistake of ours")


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("CuPy failed to load libnvrtc.so.12: OSError"),
        CompileException("cannot open source file cuda_fp16.h\n1 error"),
        CUDADriverError("CUDA_ERROR_UNSUPPORTED_PTX_VERSION"),
        ImportError("libnvrtc.so.11.2: cannot open shared object file"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_without_a_compiler_for_kernels_a_gpu_is_not_there(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    FakeGPU(monkeypatch)

    def fail(*_: Any) -> Any:
        raise error

    monkeypatch.setattr(sys.modules["cupy"], "arange", fail)
    with pytest.raises(BackendUnavailableError, match=r"on Xavier .*it needs NVRTC \(libnvrtc\)"):
        CudaDevice(0)


def test_the_fake_does_not_mix_with_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeGPU(monkeypatch)
    there = CudaDevice(0).upload(VALUES)
    for wrong in (
        lambda: there + VALUES,
        lambda: np.asarray(there),
        lambda: there[np.array([0, 1])],
        lambda: there.take(np.array([0])),
    ):
        with pytest.raises(TypeError):
            wrong()
