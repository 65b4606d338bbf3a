from __future__ import annotations

import math

import numpy as np
import pytest

from pcsr_edge.calib.stages import StageMirror
from pcsr_edge.errors import BackendUnavailableError, EngineError
from pcsr_edge.runtime.engine import FakeEngine


def one(values):
    return {"out": np.asarray(values, dtype=np.float32)}


@pytest.fixture
def mirrored():
    """Return a function that mirrors calls on a graph whose engine always gives `judged`."""

    def run(judged, *references):
        mirror = StageMirror({"graph": FakeEngine(lambda inputs: one(judged))}, "fp32")
        for reference in references:
            mirror("graph", {}, one(reference))
        (result,) = mirror.results()
        return result

    return run


def test_the_difference_is_relative_to_the_range(mirrored):
    result = mirrored([3.0, 8.0], [4.0, 10.0])
    assert (result.graph, result.output, result.values) == ("graph", "out", 2)
    assert result.difference == pytest.approx(2 / 10)


def test_small_outputs_are_judged_absolutely(mirrored):
    assert mirrored([0.01], [0.02]).difference == pytest.approx(0.01)


def test_calls_add_up(mirrored):
    result = mirrored([1.0], [1.0], [2.0])
    assert result.values == 2
    assert result.difference == pytest.approx(1 / 2)
    assert result.snr_db == pytest.approx(10 * math.log10(5 / 1))


def test_equal_outputs_have_no_noise(mirrored):
    assert mirrored([1.0], [1.0]).snr_db == math.inf


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_what_is_not_finite_is_told(mirrored, bad):
    assert not mirrored([bad, 1.0], [1.0, 1.0]).finite


def test_later_calls_do_not_hide_nan():
    values = iter([[math.nan], [1.0]])
    mirror = StageMirror({"graph": FakeEngine(lambda inputs: one(next(values)))}, "fp32")
    mirror("graph", {}, one([1.0]))
    mirror("graph", {}, one([1.0]))
    assert not mirror.results()[0].finite


def test_what_graphs_hand_on_gets_the_type_of_the_judged_side():
    seen = {}

    def keep(inputs):
        seen.update({name: array.dtype.name for name, array in inputs.items()})
        return one([0.0])

    inputs = {name: np.zeros(1, np.float32) for name in ("projection", "geometry")}
    StageMirror({"graph": FakeEngine(keep)}, "fp16")("graph", inputs, one([0.0]))
    assert seen == {"projection": "float16", "geometry": "float32"}


def test_a_graph_that_fails_is_told_and_not_tried_again():
    tried = []

    def fail(inputs):
        tried.append(1)
        raise EngineError("no way to build it")

    engines = {"trunk": FakeEngine(fail), "deep": FakeEngine(lambda inputs: one([0.0]))}
    mirror = StageMirror(engines, "fp32")
    for graph in ("trunk", "deep", "trunk"):
        mirror(graph, {}, one([0.0]))
    assert [(r.graph, r.problem) for r in mirror.results()] == [
        ("trunk", "no way to build it"),
        ("deep", None),
    ]
    assert tried == [1]


def test_a_side_that_can_run_nothing_is_an_error():
    def fail(inputs):
        raise BackendUnavailableError("CUDA did not start")

    with pytest.raises(BackendUnavailableError):
        StageMirror({"graph": FakeEngine(fail)}, "fp32")("graph", {}, one([0.0]))


def test_graphs_that_a_side_does_not_run_are_left_out():
    mirror = StageMirror({"graph": FakeEngine(lambda inputs: one([0.0]))}, "fp32")
    mirror("other", {}, one([0.0]))
    assert mirror.results() == ()


def test_results_come_in_the_order_of_the_graphs():
    engines = {name: FakeEngine(lambda inputs: one([0.0])) for name in ("trunk", "deep")}
    mirror = StageMirror(engines, "fp32")
    for graph in ("deep", "trunk"):
        mirror(graph, {}, one([0.0]))
    assert [result.graph for result in mirror.results()] == ["trunk", "deep"]
