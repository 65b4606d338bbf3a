"""Short names of cases."""

from __future__ import annotations

from pcsr_edge.calib.profiling import Case
from pcsr_edge.cli.profiling.labels import common, labels


def test_models_are_enough_where_they_differ():
    cases = [Case("a", "pcsr", "k=0"), Case("b", "bicubic", "", backend="numpy")]
    assert labels(cases) == ["a k=0", "b"]


def test_what_tells_cases_of_a_model_apart_is_added():
    cases = [Case("a", "pcsr", "k=0", threads=n, size=(20, n)) for n in (1, 2)]
    assert labels(cases) == ["a k=0, 1x20, 1 thread", "a k=0, 2x20, 2 threads"]


def test_settings_are_part_of_the_model():
    assert labels([Case("a", "pcsr", "k=0"), Case("a", "pcsr", "k=1")]) == ["a k=0", "a k=1"]


def test_common():
    cases = [Case("a", "pcsr", "k=0", threads=n) for n in (1, 2)]
    assert common(cases) == {
        "model": "a k=0",
        "size": "480x270",
        "output": "1920x1080",
        "precision": "fp32",
        "backend": "onnxruntime-cpu",
    }
