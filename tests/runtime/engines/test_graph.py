"""What an ONNX file says of itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from pcsr_edge.errors import EngineError
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.engines.graph import read_graph

TINY = load_bundle(Path(__file__).parents[2] / "data" / "tiny-pcsr-x4")
# A model whose graph holds one INT8 constant: fields 7 (graph), 5 (constant), 2 (type 3).
INT8 = bytes([7 << 3 | 2, 4, 5 << 3 | 2, 2, 2 << 3, 3])


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_name_model_and_precision(precision: str) -> None:
    graph = read_graph(TINY.graph("upsampler_1", precision))
    assert graph.title == "upsampler_1 of tiny-pcsr-x4"
    assert graph.precision == precision
    assert graph.sha256 == TINY.manifest.precisions[precision]["upsampler_1"].sha256


def test_int8_constants_make_an_int8_graph() -> None:
    graph = read_graph(INT8)
    assert (graph.precision, graph.title) == ("int8", "")


@pytest.mark.parametrize("content", [b"\xff", b"no graph", INT8[:-1]])
def test_other_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(EngineError, match="no ONNX file"):
        read_graph(content)
