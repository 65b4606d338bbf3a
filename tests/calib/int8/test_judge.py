from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from onnx import numpy_helper

from pcsr_edge.calib.int8.judge import Judge
from pcsr_edge.calib.pictures import judging_pairs
from pcsr_edge.runtime.bundle import load_bundle

DATA = Path(__file__).parents[2] / "data"


def shifted(content, amount):
    """Return a plain network that gives `amount` more everywhere."""
    model = onnx.load_model_from_string(content)
    biases = [t for t in model.graph.initializer if t.name.endswith("bias")]
    biases[-1].CopyFrom(
        numpy_helper.from_array(numpy_helper.to_array(biases[-1]) + amount, biases[-1].name)
    )
    return model.SerializeToString()


@pytest.fixture(name="bundle", scope="module")
def _bundle():
    return load_bundle(DATA / "tiny-plain-x4")


@pytest.fixture(name="judge", scope="module")
def _judge(bundle):
    return Judge(bundle, judging_pairs(None, 4)[:2])


def test_the_same_graph_changes_nothing(judge, bundle):
    assert judge.change({"network": bundle.graph("network")}) == 0


def test_another_graph_is_judged_in_its_place(judge, bundle):
    assert judge.change({"network": shifted(bundle.graph("network"), 0.5)}) < -1


def test_a_class_that_no_pixel_gets_is_judged_too():
    bundle = load_bundle(DATA / "tiny-cascade-x4")
    (pair,) = judging_pairs(None, 4)[:1]
    judge = Judge(bundle, [pair])
    assert len(judge._expected) == 3
