"""The gate of cascades lets good graphs pass, and no others."""

from __future__ import annotations

from typing import Any, Callable, Dict

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from support.cascades import tiny_cascade

from pcsr_edge.errors import AccuracyError
from pcsr_edge.export.cascade_gate import check_cascade_accuracy
from pcsr_edge.export.cascade_graph import cascade_graphs
from pcsr_edge.export.graph_builder import model_bytes
from pcsr_edge.export.pictures import make_pairs
from pcsr_edge.models import Cascade

PAIRS = make_pairs([np.random.RandomState(4).randint(256, size=(32, 40, 3)).astype(np.uint8)], 2)
Files = Dict[str, Dict[str, bytes]]
CONSTANTS = {
    "features.0.weight": "trunk",
    "light.bias": "trunk",
    "gain_logarithm.bias": "trunk",
    "base.weight": "trunk",
    "correction.4.bias": "deep",
}


@pytest.fixture(name="model")
def _model() -> Cascade:
    return tiny_cascade()


def files_of(model: Cascade) -> Files:
    return {
        precision: {
            name: model_bytes(graph) for name, graph in cascade_graphs(model, precision, {}).items()
        }
        for precision in ("fp32", "fp16")
    }


def tamper(
    files: Files, precision: str, graph: str, constant: str, change: Callable[[Any], Any]
) -> None:
    """Change one constant of a graph."""
    model = onnx.load_model_from_string(files[precision][graph])
    tensor = next(t for t in model.graph.initializer if t.name == constant)
    values = numpy_helper.to_array(tensor)
    tensor.CopyFrom(numpy_helper.from_array(change(values).astype(values.dtype), constant))
    files[precision][graph] = model_bytes(model)


def test_true_graphs_pass(model: Cascade) -> None:
    report = check_cascade_accuracy(model, files_of(model), PAIRS)
    assert report.frame_difference < 1e-5
    assert report.psnr_change("fp16") < 0.02
    assert list(report.pictures[0].psnr) == ["class 0", "class 1"]


@pytest.mark.parametrize(("constant", "graph"), CONSTANTS.items())
def test_a_wrong_constant_is_found(model: Cascade, constant: str, graph: str) -> None:
    files = files_of(model)
    tamper(files, "fp32", graph, constant, lambda values: values + 0.01)
    with pytest.raises(AccuracyError, match=rf"fp32 graph {graph} .* nothing was written"):
        check_cascade_accuracy(model, files, PAIRS)


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_nan_is_found(model: Cascade, precision: str) -> None:
    files = files_of(model)
    constant = "correction.4.bias" if precision == "fp32" else "half_correction.4.bias"
    tamper(files, precision, "deep", constant, lambda values: values * np.nan)
    with pytest.raises(AccuracyError, match=rf"{precision} graph deep.*NaN or infinity"):
        check_cascade_accuracy(model, files, PAIRS)


def test_a_coarse_float16_graph_is_found(model: Cascade) -> None:
    files = files_of(model)
    tamper(files, "fp16", "deep", "half_correction.4.bias", lambda values: values + 0.05)
    with pytest.raises(AccuracyError, match=r"fp16 changes PSNR by .* picture 0 \(class 0\)"):
        check_cascade_accuracy(model, files, PAIRS)
