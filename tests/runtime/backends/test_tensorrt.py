"""Whole frames through the TensorRT backend, on strict fakes of TensorRT and CuPy."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List

import numpy as np
import pytest
from support.fake_cupy import GRAPH_LAUNCHES, Stream
from support.fake_gpu import FakeGPU
from support.tensorrt_facts import USED, VERSIONS

from pcsr_edge.errors import EngineError
from pcsr_edge.runtime.backends import backend_for
from pcsr_edge.runtime.backends.tensorrt import MOST_CONTEXTS
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.engines.context import TensorrtContext
from pcsr_edge.runtime.upscaler import Upscaler

DATA = Path(__file__).parents[2] / "data"
PCSR, PLAIN, CASCADE = (DATA / f"tiny-{name}-x4" for name in ("pcsr", "plain", "cascade"))
EDGE = Path("esr-max-x2")
SHIPPED = map(Path, ("esr-tr-x2", "arm-fsrcnn-x4", "wbsr-fsrcnn-x4"))
MODELS = (PCSR, PLAIN, CASCADE, *SHIPPED)


@pytest.fixture(autouse=True)
def _own_engines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PCSR_EDGE_CACHE", str(tmp_path))


def picture(seed: int, height: int = 21, width: int = 30) -> Any:
    values = np.random.default_rng(seed).random((height, width, 3), dtype=np.float32)
    return values * np.linspace(0.1, 1, width, dtype=np.float32)[:, None]


def compare(model: Path, image: Any, **options: Any) -> None:
    with Upscaler.load(model, device="cpu", threads=1) as cpu:
        expected = cpu.run(image, **options)
    with Upscaler.load(model, device="trt", precision="fp32") as trt:
        found = trt.run(image, **options)
    np.testing.assert_array_equal(found.class_map, expected.class_map)
    np.testing.assert_allclose(found.image, expected.image, atol=1e-4)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.name)
def test_every_method_gives_the_same_as_on_the_processor(
    monkeypatch: pytest.MonkeyPatch, version: str, model: Path
) -> None:
    FakeGPU(monkeypatch, version)
    compare(model, picture(0))


@pytest.mark.parametrize(
    "options",
    [
        {"k": 0.4},
        {"adaptive": True},
        {"force_class": 0},
        {"tile": 9},
        {"scale": 2.3},
        {"scale": 4.01},
    ],
    ids=str,
)
def test_every_way_of_pcsr_gives_the_same(
    monkeypatch: pytest.MonkeyPatch, options: Dict[str, Any]
) -> None:
    FakeGPU(monkeypatch)
    compare(PCSR, picture(1, 24, 26), **options)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.name)
def test_half_precision_is_the_default(
    monkeypatch: pytest.MonkeyPatch, version: str, model: Path
) -> None:
    gpu = FakeGPU(monkeypatch, version)
    image = picture(2)
    with Upscaler(load_bundle(model), backend_for("cpu"), precision="fp16", threads=1) as cpu:
        expected = cpu.run(image, refine=False).image
    with Upscaler.load(model, device="trt", say=gpu.said.append) as trt:
        assert (trt.backend_name, trt.precision) == ("tensorrt", "fp16")
        found = trt.run(image, refine=False).image
    assert np.mean(np.abs(found - expected) > 5e-3) < 0.01
    assert "(fp16, " in gpu.text


def test_frames_of_one_size_are_replayed(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeGPU(monkeypatch)
    image = picture(3)
    with Upscaler.load(PCSR, device="trt") as trt:
        first = trt.run(image).image
        trt.run(image)
        GRAPH_LAUNCHES.clear()
        again = trt.run(image).image
    # Backbone, classifier, and one batch for each of the two classes.
    assert GRAPH_LAUNCHES == [1, 1, 1, 1]
    np.testing.assert_array_equal(again, first)


def test_pictures_of_many_sizes_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeGPU(monkeypatch)
    # More than contexts are kept; the last ones are beyond the range of the others.
    sizes = [*((8 + 3 * i, 20) for i in range(6)), (66, 9), (9, 66)]
    with Upscaler.load(PCSR, device="cpu", threads=1) as cpu:
        expected = {size: cpu.run(picture(4, *size)).image for size in sizes}
    with Upscaler.load(PCSR, device="trt", precision="fp32") as trt:
        for size in [*sizes, *sizes]:
            found = trt.run(picture(4, *size)).image
            np.testing.assert_allclose(found, expected[size], atol=1e-4)


def count_contexts(monkeypatch: pytest.MonkeyPatch) -> List[str]:
    """Return a list that grows by the title of each context that is made or reshaped."""
    made: List[str] = []
    for name in ("__init__", "reshape"):
        original = getattr(TensorrtContext, name)

        def counted(self: Any, *args: Any, _original: Any = original, **named: Any) -> Any:
            made.append(args[-1] if isinstance(args[-1], str) else self._title)
            return _original(self, *args, **named)

        monkeypatch.setattr(TensorrtContext, name, counted)
    return made


@pytest.mark.parametrize(("model", "tile"), [(PCSR, 9), (PLAIN, 9), (CASCADE, 16), (EDGE, 9)])
def test_a_frame_in_tiles_makes_its_contexts_once(
    monkeypatch: pytest.MonkeyPatch, model: Path, tile: int
) -> None:
    FakeGPU(monkeypatch)
    made = count_contexts(monkeypatch)
    with Upscaler.load(model, device="trt") as trt:
        result = trt.run(picture(10, 53, 47), tile=tile)
        assert result.tiles > 9
        # The frame that engines are judged on has another shape.
        trt.run(picture(10, 53, 47), tile=tile)
        made.clear()
        trt.run(picture(11, 53, 47), tile=tile)
    assert made == []


@pytest.mark.parametrize(("model", "tile"), [(PCSR, 9), (PLAIN, 9), (CASCADE, 16)])
def test_all_tiles_of_a_frame_have_one_shape(
    monkeypatch: pytest.MonkeyPatch, model: Path, tile: int
) -> None:
    FakeGPU(monkeypatch)
    made = count_contexts(monkeypatch)
    with Upscaler.load(model, device="trt") as trt:
        trt.run(picture(10, 53, 47), tile=tile)
    first = {PCSR: "backbone", PLAIN: "network", CASCADE: "trunk"}[model]
    assert [title.split()[0] for title in made].count(first) == 1
    # Batches of queries have one size here, and of blocks up to two.
    assert all(made.count(title) <= 2 for title in made)


def test_a_frame_may_need_more_contexts_than_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeGPU(monkeypatch)
    made = count_contexts(monkeypatch)
    sizes = [(8 + 2 * i, 20) for i in range(7)]
    graph = load_bundle(PLAIN).graph("network")
    images = [np.zeros((1, 3, *size), np.float32) for size in sizes]
    engine: Any = backend_for("trt").load(graph, 1)
    with engine.device.active():
        given = [engine.device.upload(image) for image in images]
        for _ in range(3):
            engine.begin()
            for image in given:
                engine.enqueue({"image": image})
        assert len(made) == len(sizes)
        engine.begin()
        engine.enqueue({"image": given[0]})
        engine.begin()
    assert len(engine._contexts) == MOST_CONTEXTS


def test_where_nothing_can_be_recorded_it_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = FakeGPU(monkeypatch)
    Stream.can_record = False
    with Upscaler.load(PLAIN, device="trt", say=gpu.said.append) as trt:
        for _ in range(4):
            trt.run(picture(5))
    assert gpu.text.count("runs without CUDA graphs") == 1


def test_tiles_go_by_the_memory_of_the_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeGPU(monkeypatch, free=2**27)
    image = picture(9, 300, 200)
    with Upscaler.load(PLAIN, device="trt") as trt:
        assert trt.run(image).tiles > 1
        assert trt.run(image, memory_limit=2**30).tiles == 1
    FakeGPU(monkeypatch, free=2**33)
    with Upscaler.load(PLAIN, device="trt") as trt:
        assert trt.run(image).tiles == 1


def test_what_is_not_finite_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeGPU(monkeypatch)
    image = np.full((5, 5, 3), 0.5, np.float32)
    with Upscaler.load(PCSR, device="trt") as trt:
        trt.run(image)
        engine = trt._method._workspace.engines["backbone"]  # type: ignore[attr-defined]
        run = engine.enqueue

        def broken(inputs: Any) -> Any:
            outputs = run(inputs)
            outputs["projection_1"][3, 0] = np.float16(np.nan)
            return outputs

        monkeypatch.setattr(engine, "enqueue", broken)
        with pytest.raises(EngineError, match=r"backbone gave NaN .* output projection_1"):
            trt.run(image)


def test_a_failure_under_way_leaves_the_upscaler_usable(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = FakeGPU(monkeypatch)
    image = picture(6)
    with Upscaler.load(PLAIN, device="trt") as trt:
        expected = trt.run(image).image
        gpu.tensorrt.faults.run = True
        with pytest.raises(EngineError, match="illegal access"):
            # Of another size: what is recorded does not ask TensorRT.
            trt.run(picture(6, 9, 8))
        gpu.tensorrt.faults.run = False
        np.testing.assert_array_equal(trt.run(image).image, expected)


def test_a_full_memory_is_an_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeGPU(monkeypatch)
    with Upscaler.load(PLAIN, device="trt") as trt:
        import cupy

        def full(*_: Any) -> None:
            raise cupy.cuda.memory.OutOfMemoryError("out of memory allocating 4 GiB")

        monkeypatch.setattr(cupy, "empty", full)
        with pytest.raises(EngineError, match=r"memory of Xavier is full .*--memory-limit"):
            trt.run(picture(7))


def test_an_engine_runs_on_arrays_of_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeGPU(monkeypatch)
    graph = load_bundle(PCSR).graph("backbone")
    inputs = {"image": np.random.default_rng(0).random((1, 3, 6, 7), dtype=np.float32)}
    with backend_for("cpu").load(graph, 1) as cpu, backend_for("trt").load(graph, 1) as trt:
        expected, found = cpu.run(inputs), trt.run(inputs)
    for name, array in expected.items():
        assert isinstance(found[name], np.ndarray)
        np.testing.assert_allclose(found[name], array, atol=1e-6)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_facts_hold_no_more_than_is_used(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    gpu = FakeGPU(monkeypatch, version)
    with Upscaler.load(PLAIN, device="trt") as trt:
        trt.run(picture(8))
        gpu.tensorrt.faults.parse = True
        with pytest.raises(EngineError, match="cannot read"):
            trt.run(picture(8, 70, 4))
    listed = gpu.tensorrt.facts["classes"]
    members = {
        f"{name}.{member}"
        for name, facts in listed.items()
        for member in (*facts["methods"], *facts["properties"])
    }
    ours = {"ILogger.__init__", "ILogger.log", "IBuilderConfig.clear_flag"}
    ours |= {"IBuilderConfig.set_flag"}
    assert members - ours <= gpu.tensorrt.asked
    assert set(listed) == set(USED)
