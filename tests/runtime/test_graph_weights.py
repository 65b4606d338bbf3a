"""Constants of an ONNX file without the onnx package."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pcsr_edge.errors import BundleError
from pcsr_edge.runtime.graph_weights import float_constants

GRAPH = Path(__file__).parents[1] / "data" / "tiny-plain-x4" / "network.fp32.onnx"


def test_constants_are_those_that_onnx_reads() -> None:
    onnx = pytest.importorskip("onnx")
    expected = {
        tensor.name: onnx.numpy_helper.to_array(tensor)
        for tensor in onnx.load(str(GRAPH)).graph.initializer
        if tensor.data_type == onnx.TensorProto.FLOAT
    }
    found = float_constants(GRAPH.read_bytes())
    assert list(found) == list(expected)
    assert all(np.array_equal(found[name], expected[name]) for name in expected)


def test_halves_are_read_as_floats() -> None:
    half = float_constants(GRAPH.with_name("network.fp16.onnx").read_bytes())
    for name, values in float_constants(GRAPH.read_bytes()).items():
        if name in half:
            np.testing.assert_allclose(half[name], values, rtol=1e-3, atol=1e-6)
    assert any(name.endswith("weight") for name in half)


@pytest.mark.parametrize("length", [1, 50, 400])
def test_a_cut_file_is_refused(length: int) -> None:
    with pytest.raises(BundleError, match="cannot be read"):
        float_constants(GRAPH.read_bytes()[:-length])


def test_what_is_no_graph_is_refused() -> None:
    with pytest.raises(BundleError, match="cannot be read"):
        float_constants(b"\x0f not a graph at all")


def test_nothing_holds_nothing() -> None:
    assert float_constants(b"") == {}
