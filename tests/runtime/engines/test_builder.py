"""The builder against a strict fake of every version."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Set

import pytest
from support.fake_tensorrt import FakeTensorrt
from support.tensorrt_facts import VERSIONS

from pcsr_edge.errors import BackendUnavailableError, EngineError
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.engines.builder import Plan, build_plan
from pcsr_edge.runtime.engines.graph import Graph, read_graph
from pcsr_edge.runtime.engines.shapes import ranges_for

TINY = load_bundle(Path(__file__).parents[2] / "data" / "tiny-pcsr-x4")
SHAPES = {"image": (1, 3, 20, 30)}


def graph(precision: str, name: str = "backbone") -> Graph:
    return read_graph(TINY.graph(name, precision))


def build(fake: FakeTensorrt, source: Graph, timings: bytes = b"", shapes: Any = None) -> Plan:
    ranges = ranges_for(shapes or SHAPES, exact=False, least_side=source.least_side)
    return build_plan(fake.module, source, ranges, workspace=2**20, timings=timings)


def flags(fake: FakeTensorrt) -> Set[str]:
    return {flag.name for flag in fake.configs[-1].flags}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_every_version_builds(version: str, precision: str) -> None:
    fake = FakeTensorrt(version)
    plan = build(fake, graph(precision))
    assert plan.content
    assert plan.timings == b"+"
    assert fake.configs[-1].pools == {"WORKSPACE": 2**20}


@pytest.mark.parametrize("version", VERSIONS)
def test_fp16_is_a_flag_up_to_8_and_in_the_types_from_10(version: str) -> None:
    fake = FakeTensorrt(version)
    build(fake, graph("fp16"))
    assert flags(fake) == ({"TF32", "FP16"} if version.startswith("8") else {"TF32"})


@pytest.mark.parametrize("version", VERSIONS)
def test_fp32_is_not_rounded_to_tf32(version: str) -> None:
    fake = FakeTensorrt(version)
    build(fake, graph("fp32"))
    assert flags(fake) == set()


@pytest.mark.parametrize("version", VERSIONS)
def test_an_int8_graph_gets_its_flag_up_to_8(version: str) -> None:
    fake = FakeTensorrt(version)
    source = Graph(graph("fp32").content, "backbone", "tiny", "int8")
    build(fake, source)
    assert flags(fake) == ({"TF32", "FP16", "INT8"} if version.startswith("8") else {"TF32"})


@pytest.mark.parametrize(("version", "streams"), [("8.5.2.2", -1), ("8.6.1", 0), ("11.4", 0)])
def test_helper_streams_are_switched_off_where_they_exist(version: str, streams: int) -> None:
    fake = FakeTensorrt(version)
    build(fake, graph("fp16"))
    assert fake.configs[-1].max_aux_streams == streams


@pytest.mark.parametrize("version", VERSIONS)
def test_what_the_graph_fixes_stays_in_the_profile(version: str) -> None:
    fake = FakeTensorrt(version)
    shapes = {"projection": (50, 8), "geometry": (16, 4)}
    build(fake, graph("fp32", "upsampler_0_dense"), shapes=shapes)
    profile = fake.configs[-1].profiles[0].shapes
    assert profile["geometry"] == [(16, 4), (16, 4), (16, 4)]
    assert profile["projection"] == [(1, 8), (50, 8), (4096, 8)]


@pytest.mark.parametrize("name", ["cnn", "max", "tm", "tr"])
def test_graphs_that_pad_nothing_get_a_range_that_they_take(name: str) -> None:
    bundle, fake = load_bundle(f"esr-{name}-x2"), FakeTensorrt("8.5.2.2")
    build(fake, read_graph(bundle.graph("network")), shapes={"y": (1, 1, 40, 30)})
    least, _, most = fake.configs[-1].profiles[0].shapes["y"]
    assert 1 + 2 * bundle.manifest.receptive_field <= least[2] == least[3] <= 30
    assert most == (1, 1, 64, 64)


def test_the_fake_refuses_a_least_shape_that_no_layer_takes() -> None:
    source = replace(read_graph(load_bundle("esr-max-x2").graph("network")), least_side=4)
    with pytest.raises(EngineError, match=r"least shapes .* do not fit the network"):
        build(FakeTensorrt("8.5.2.2"), source, shapes={"y": (1, 1, 40, 30)})


def test_earlier_timings_are_taken_and_handed_back() -> None:
    fake = FakeTensorrt("8.5.2.2")
    assert build(fake, graph("fp16"), timings=b"old").timings == b"old+"


def test_timings_of_another_place_are_left() -> None:
    fake = FakeTensorrt("8.5.2.2")
    fake.faults.timing_mismatch = True
    assert build(fake, graph("fp16"), timings=b"old").timings == b"+"


@pytest.mark.parametrize("version", VERSIONS)
def test_without_cuda_the_backend_is_not_there(version: str) -> None:
    fake = FakeTensorrt(version)
    fake.faults.cuda_dead = True
    with pytest.raises(BackendUnavailableError, match=r"CUDA did not start.*nvidia-smi"):
        build(fake, graph("fp16"))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_refused_graph_is_explained_by_its_node(version: str) -> None:
    fake = FakeTensorrt(version)
    fake.faults.parse = True
    with pytest.raises(EngineError, match=r"graph backbone.*UINT8 \(node 3\)"):
        build(fake, graph("fp16"))


def test_bytes_that_are_no_graph_are_refused() -> None:
    with pytest.raises(EngineError, match=r"cannot read the graph.*Failed to parse"):
        build(FakeTensorrt("10.3.0"), Graph(b"nothing", "network", "", "fp32"))


@pytest.mark.parametrize("version", VERSIONS)
def test_too_little_memory_is_said_in_words(version: str) -> None:
    fake = FakeTensorrt(version)
    fake.faults.memory = True
    with pytest.raises(EngineError, match=r"OutOfMemory.*close what else uses the GPU"):
        build(fake, graph("fp16"))


def test_a_failure_without_a_word_says_so() -> None:
    fake = FakeTensorrt("11.4")
    fake.faults.mute = True
    with pytest.raises(EngineError, match="gave no reason; take --device cuda or cpu"):
        build(fake, graph("fp16"))


def test_what_failed_before_is_no_reason() -> None:
    fake = FakeTensorrt("11.4")
    fake.faults.memory = True
    with pytest.raises(EngineError, match="OutOfMemory"):
        build(fake, graph("fp16"))
    fake.faults.memory, fake.faults.mute = False, True
    with pytest.raises(EngineError, match="gave no reason"):
        build(fake, graph("fp16"))


def test_an_input_without_a_shape_is_named() -> None:
    with pytest.raises(EngineError, match="image was given no shape; known are other"):
        build(FakeTensorrt("10.16"), graph("fp16"), shapes={"other": (1,)})


def test_the_fake_refuses_what_a_version_lacks() -> None:
    old, new = FakeTensorrt("8.5.2.2").module, FakeTensorrt("11.4").module
    with pytest.raises(AttributeError):
        _ = new.BuilderFlag.FP16
    with pytest.raises(AttributeError):
        _ = old.NetworkDefinitionCreationFlag.STRONGLY_TYPED
    log = type("Log", (old.ILogger,), {"log": lambda self, severity, msg: None})()
    builder = old.Builder(log)
    with pytest.raises(AttributeError, match="has no max_aux_streams"):
        builder.create_builder_config().max_aux_streams = 0
    with pytest.raises(TypeError, match="incompatible"):
        builder.create_network("1")
    with pytest.raises(AttributeError, match="has no build_engine"):
        builder.build_engine()
