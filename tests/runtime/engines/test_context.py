"""A loaded engine: what it takes, what it refuses, what it records."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Tuple

import numpy as np
import pytest
from support.fake_cupy import GRAPH_LAUNCHES, Stream
from support.fake_gpu import FakeGPU
from support.tensorrt_facts import VERSIONS

from pcsr_edge.errors import BackendUnavailableError, EngineError
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.cuda_device import CudaDevice
from pcsr_edge.runtime.engines.builder import build_plan
from pcsr_edge.runtime.engines.context import MOST_RECORDED, StalePlanError, TensorrtContext
from pcsr_edge.runtime.engines.graph import Graph, read_graph
from pcsr_edge.runtime.engines.shapes import ranges_for

TINY = load_bundle(Path(__file__).parents[2] / "data" / "tiny-pcsr-x4")
GRAPH = read_graph(TINY.graph("backbone"))
SHAPES = {"image": (1, 3, 5, 6)}


def plan_of(gpu: FakeGPU, graph: Graph = GRAPH, shapes: Any = None) -> bytes:
    ranges = ranges_for(shapes or SHAPES, exact=False)
    trt = gpu.tensorrt.module
    return build_plan(trt, graph, ranges, workspace=2**20, timings=b"").content


def opened(
    monkeypatch: pytest.MonkeyPatch, version: str = "8.5.2.2"
) -> Tuple[FakeGPU, CudaDevice, TensorrtContext]:
    gpu, device = FakeGPU(monkeypatch, version), CudaDevice(0)
    context = TensorrtContext(gpu.tensorrt.module, plan_of(gpu), SHAPES, device, "backbone")
    return gpu, device, context


def image(device: CudaDevice, seed: int = 0) -> Any:
    values = np.random.default_rng(seed).random((1, 3, 5, 6), dtype=np.float32)
    return device.upload(values)


@pytest.mark.parametrize("version", VERSIONS)
def test_an_engine_gives_what_its_graph_gives(
    monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    from pcsr_edge.runtime.backends import OnnxRuntimeBackend

    _, device, context = opened(monkeypatch, version)
    values = image(device)
    found = context.enqueue({"image": values})
    with OnnxRuntimeBackend().load(GRAPH.content, 1) as engine:
        expected = engine.run({"image": values.get()})
    assert set(found) == set(expected)
    for name, array in expected.items():
        np.testing.assert_allclose(found[name].get(), array, atol=1e-6)


def test_the_second_run_at_an_address_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu, device, context = opened(monkeypatch)
    values = image(device)
    first = context.enqueue({"image": values})["projection_0"].get()
    assert GRAPH_LAUNCHES == []
    for _ in range(3):
        context.enqueue({"image": values})
    assert GRAPH_LAUNCHES == [1, 1, 1]
    assert gpu.tensorrt.runs == 4
    values.set(image(device, 1).get())
    assert not np.allclose(context.enqueue({"image": values})["projection_0"].get(), first)


def test_many_addresses_are_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    _, device, context = opened(monkeypatch)
    many = [image(device, seed) for seed in range(3 * MOST_RECORDED)]
    for values in many:
        context.enqueue({"image": values})
        expected = context.enqueue({"image": values})["projection_0"].get()
        again = context.enqueue({"image": values})["projection_0"].get()
        np.testing.assert_array_equal(again, expected)
    assert len(context._recorded) <= MOST_RECORDED


def test_without_recording_it_runs_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu, device, context = opened(monkeypatch)
    Stream.can_record = False
    values = image(device)
    for _ in range(3):
        context.enqueue({"image": values})
    assert gpu.tensorrt.runs == 3
    assert context.hindrance is not None
    assert "cannot record a graph: cudaErrorStreamCaptureUnsupported" in context.hindrance


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.zeros((1, 3, 5, 6), np.float16), "as float32 .* got float16"),
        (np.zeros((1, 3, 5, 7), np.float32), r"got float32 \(1, 3, 5, 7\)"),
        (np.zeros((1, 3, 6, 5), np.float32).transpose(0, 1, 3, 2), "contiguous"),
    ],
)
def test_another_input_is_refused(monkeypatch: pytest.MonkeyPatch, array: Any, text: str) -> None:
    _, device, context = opened(monkeypatch)
    given = device.upload(np.zeros((1, 3, 6, 5), array.dtype)).transpose(0, 1, 3, 2)
    if array.flags.c_contiguous:
        given = device.upload(array)
    with pytest.raises(EngineError, match=text):
        context.enqueue({"image": given})


def test_a_shape_beyond_the_range_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = FakeGPU(monkeypatch)
    with pytest.raises(EngineError, match=r"does not take image of shape \(1, 3, 65, 6\)"):
        TensorrtContext(
            gpu.tensorrt.module, plan_of(gpu), {"image": (1, 3, 65, 6)}, CudaDevice(0), "backbone"
        )


def test_a_context_takes_other_shapes_of_its_range(monkeypatch: pytest.MonkeyPatch) -> None:
    _, device, context = opened(monkeypatch)
    values = image(device)
    for _ in range(3):
        context.enqueue({"image": values})
    assert context.reshape({"image": (1, 3, 6, 5)})
    GRAPH_LAUNCHES.clear()
    # At the same address: what was recorded there is of the other shape.
    other = values.reshape(1, 3, 6, 5)
    assert context.enqueue({"image": other})["projection_0"].shape == (30, 8)
    assert GRAPH_LAUNCHES == []
    assert not context.reshape({"image": (1, 3, 65, 5)})


def test_other_names_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = FakeGPU(monkeypatch)
    with pytest.raises(EngineError, match="backbone takes image, got picture"):
        TensorrtContext(
            gpu.tensorrt.module, plan_of(gpu), {"picture": (1, 3)}, CudaDevice(0), "backbone"
        )


@pytest.mark.parametrize("version", VERSIONS)
def test_a_failing_run_is_told_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    gpu, device, context = opened(monkeypatch, version)
    gpu.tensorrt.faults.run = True
    with pytest.raises(EngineError, match=r"while it ran backbone: .*illegal access"):
        context.enqueue({"image": image(device)})


@pytest.mark.parametrize("version", VERSIONS)
def test_a_plan_that_is_none_is_stale(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    gpu = FakeGPU(monkeypatch, version)
    with pytest.raises(StalePlanError, match="magicTag"):
        TensorrtContext(gpu.tensorrt.module, b"nothing", SHAPES, CudaDevice(0), "backbone")


def test_without_cuda_the_backend_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = FakeGPU(monkeypatch)
    plan = plan_of(gpu)
    gpu.tensorrt.faults.cuda_dead = True
    with pytest.raises(BackendUnavailableError, match="CUDA did not start"):
        TensorrtContext(gpu.tensorrt.module, plan, SHAPES, CudaDevice(0), "backbone")
