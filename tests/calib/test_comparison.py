from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.fake_plain import FakePlain

from pcsr_edge.calib.comparison import Side, _decided_at_once, _picture_failures, compare
from pcsr_edge.calib.frames import PictureResult
from pcsr_edge.calib.pictures import judging_pairs
from pcsr_edge.calib.tolerance import TOLERANCES, Tolerance
from pcsr_edge.errors import AccuracyError, EngineError
from pcsr_edge.runtime import methods
from pcsr_edge.runtime.backends import backend_for
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.engine import Backend, FakeEngine
from pcsr_edge.runtime.tuning import Tuning

DATA = Path(__file__).parents[1] / "data"


class Spoiled(Backend):
    """Another backend, whose outputs go through a function."""

    name = "spoiled"

    def __init__(self, backend, spoil):
        self.backend, self.spoil = backend, spoil

    def load(self, graph, threads):
        engine = self.backend.load(graph, threads)

        def run(inputs):
            return {name: self.spoil(array) for name, array in engine.run(inputs).items()}

        return FakeEngine(run)


@pytest.fixture
def fake():
    return FakePlain(scale=4)


@pytest.fixture
def spoiled(fake, tmp_path):
    """Return a function that compares a network with itself, one side's outputs changed."""

    def run(spoil, **options):
        bundle = fake.bundle(tmp_path / "fake")
        side = Side(Spoiled(fake.backend(), spoil))
        return compare(bundle, side, Side(fake.backend()), judging_pairs(None, 4), **options)

    return run


def test_equal_sides_pass(spoiled):
    found = spoiled(lambda array: array)
    found.check()
    assert (found.psnr_change, found.worst_pixel) == (0, 0)
    assert [(stage.graph, stage.difference) for stage in found.stages] == [("network", 0)]


def test_a_graph_that_computes_something_else_fails(spoiled):
    found = spoiled(lambda array: array + np.float32(0.001))
    assert "graph network (phases) differs by" in found.failures[0]
    with pytest.raises(AccuracyError, match="spoiled fp32 against fake fp32: graph network"):
        found.check()


def test_a_change_of_psnr_fails(spoiled):
    loose = Tolerance(stage=1.0, psnr_db=0.05)
    found = spoiled(lambda array: array + np.float32(0.1), tolerance=loose)
    assert "picture photograph: PSNR changes by" in found.failures[0]
    assert found.psnr_change > 0.05


def test_a_pixel_that_differs_fails(spoiled):
    def spoil(array):
        array[..., 8, 8] += np.float32(0.02)
        return array

    loose = Tolerance(stage=1.0, psnr_db=10, pixel=1)
    assert "a pixel differs by" in spoiled(spoil, tolerance=loose).failures[0]


@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_another_class_map_fails_in_every_precision(precision):
    bundle, backend = load_bundle(DATA / "tiny-pcsr-x4"), backend_for("cpu")
    side = Side(
        Spoiled(backend, lambda array: array[:, ::-1] if array.shape[1:] == (2,) else array)
    )
    loose = replace(TOLERANCES[precision], stage=math.inf, psnr_db=math.inf, pixel=None)
    found = compare(bundle, side, Side(backend), judging_pairs(None, 4)[:1], tolerance=loose)
    assert "% of the pixels get the same class, allowed is" in found.failures[0]


@pytest.mark.parametrize(("blocks", "count"), [(1, 0), (2, 1)])
def test_one_block_of_a_picture_may_have_another_class(blocks, count):
    manifest = load_bundle(DATA / "tiny-cascade-x4").manifest
    [pair] = judging_pairs(None, 4)[:1]
    share = _decided_at_once(manifest, pair)
    assert share == manifest.block**2 / (36 * 48)
    found = PictureResult("p", 30.0, 30.0, 9, 0, 1 - blocks * share)
    assert len(list(_picture_failures([found], [share], TOLERANCES["fp32"]))) == count


def test_nan_fails_in_the_stage_and_in_the_frame(spoiled):
    found = spoiled(lambda array: array * np.float32(math.nan))
    assert found.failures[0] == "graph network (phases) gives NaN or infinity"
    assert "NaN or infinity" in found.failures[1]
    assert math.isnan(found.psnr_change)


def test_a_black_frame_fails(spoiled):
    loose = Tolerance(stage=100, psnr_db=100)
    found = spoiled(lambda array: array * 0, tolerance=loose)
    assert found.failures[0] == "picture photograph: the frame is black all over"


def test_a_graph_that_cannot_be_loaded_is_a_failure(fake, tmp_path):
    class Refusing(Backend):
        name = "refusing"

        def load(self, graph, threads):
            raise EngineError("no kernel for this operator")

    pairs = judging_pairs(None, 4)[:1]
    found = compare(fake.bundle(tmp_path / "fake"), Side(Refusing()), Side(fake.backend()), pairs)
    assert found.failures == (
        "graph network does not run: no kernel for this operator",
        "picture photograph: not run, since the graph network failed",
    )


def test_a_reference_that_fails_is_an_error(fake, tmp_path):
    broken = Side(Spoiled(fake.backend(), lambda array: array * np.float32(math.nan)))
    with pytest.raises(EngineError, match="NaN"):
        compare(
            fake.bundle(tmp_path / "fake"), Side(fake.backend()), broken, judging_pairs(None, 4)
        )


@pytest.mark.parametrize(
    ("name", "graphs"),
    [
        (
            "tiny-pcsr-x4",
            {"backbone", "base", "classifier", "upsampler_0", "upsampler_1"}
            | {"classifier_dense", "upsampler_0_dense", "upsampler_1_dense"},
        ),
        ("tiny-cascade-x4", {"trunk", "deep"}),
        ("tiny-plain-x4", {"network"}),
    ],
)
def test_every_graph_of_a_method_is_compared_in_half(name, graphs, monkeypatch):
    # Which graphs run is not to depend on what a busy machine makes of their times.
    tuning = Tuning((4096, 4096), (0.6, 0.6))
    monkeypatch.setattr(methods, "tuning_of", lambda *_: tuning)
    bundle, backend = load_bundle(DATA / name), backend_for("cpu")
    pairs = judging_pairs(None, 4)[:1]
    found = compare(bundle, Side(backend, "fp16"), Side(backend), pairs)
    assert {stage.graph for stage in found.stages} == graphs
    assert found.failures == ()


def test_a_method_without_graphs_is_compared_by_its_frames():
    bundle, backend = load_bundle("bicubic"), backend_for("cpu", graphs=False)
    found = compare(bundle, Side(backend), Side(backend), judging_pairs(None, 4))
    assert (found.stages, found.failures) == ((), ())


def test_progress_is_told(spoiled):
    seen = []
    spoiled(lambda array: array, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_the_result_is_plain_data(spoiled):
    data = spoiled(lambda array: array).to_dict()
    assert json.loads(json.dumps(data))["pictures"][0]["picture"] == "photograph"
