"""Weights that are stored once: put in again, and refused where they do not fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pcsr_edge.errors import BundleError
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.graph_weights import float_constants
from pcsr_edge.runtime.shared_weights import with_weights

TINY = Path(__file__).parents[1] / "data" / "tiny-arm-x4"


def stored(index: int) -> bytes:
    return (TINY / f"subnet_{index}.fp32.onnx").read_bytes()


def test_a_narrow_subnet_gets_corners_of_the_widest() -> None:
    widest = float_constants(stored(0))
    narrow = float_constants(load_bundle(TINY).graph("subnet_1"))
    assert narrow.keys() == widest.keys()
    for name, values in narrow.items():
        corner = widest[name][tuple(slice(size) for size in values.shape)]
        np.testing.assert_array_equal(values, corner)
    assert sum(v.size for v in narrow.values()) < sum(v.size for v in widest.values())


def test_the_stored_file_holds_no_weights() -> None:
    assert len(stored(1)) < len(stored(0)) / 2
    with pytest.raises(BundleError, match="cut off"):
        float_constants(stored(1))


def test_a_whole_graph_stays_what_it_is() -> None:
    assert with_weights(stored(0), stored(0)) == stored(0)


@pytest.mark.parametrize(
    ("graph", "widest", "message"),
    [
        pytest.param(b"\x3a\x7f", stored(0), "cut off", id="damaged"),
        pytest.param(stored(1), b"", "base_pads", id="nothing-to-share"),
        pytest.param(b"\xff" * 12, stored(0), "too long", id="no-onnx"),
    ],
)
def test_graphs_that_do_not_fit_are_refused(graph: bytes, widest: bytes, message: str) -> None:
    with pytest.raises(BundleError, match=message):
        with_weights(graph, widest)


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_engines_take_the_graph(precision: str) -> None:
    from pcsr_edge.runtime.backends import OnnxRuntimeBackend

    image: Any = np.random.default_rng(0).random((2, 3, 8, 7), dtype=np.float32)
    with OnnxRuntimeBackend().load(load_bundle(TINY).graph("subnet_1", precision), 1) as engine:
        phases = engine.run({"image": image})["phases"]
    assert phases.shape == (2, 48, 8, 7)
    # Random weights over bilinear: near the picture, but not it.
    assert 0 < np.abs(phases - image.repeat(16, axis=1)).mean() < 0.5
