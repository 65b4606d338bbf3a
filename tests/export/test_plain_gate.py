"""The gate of plain networks lets good graphs pass, and no others."""

from __future__ import annotations

from typing import Any, Callable, Dict

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from pcsr_edge.errors import AccuracyError
from pcsr_edge.export import gate
from pcsr_edge.export.graph_builder import model_bytes
from pcsr_edge.export.pictures import make_pairs
from pcsr_edge.export.plain_gate import check_plain_accuracy
from pcsr_edge.export.plain_graph import plain_graph
from pcsr_edge.models import Plain, PlainConfig

PAIRS = make_pairs([np.random.RandomState(4).randint(256, size=(32, 40, 3)).astype(np.uint8)], 2)
Files = Dict[str, Dict[str, bytes]]
LAST_BIAS = "features.layers.6.bias"


@pytest.fixture(name="model")
def _model() -> Plain:
    torch.manual_seed(0)
    return Plain(PlainConfig(2, 6, 2)).eval().requires_grad_(False)


def files_of(model: Plain) -> Files:
    return {
        precision: {"network": model_bytes(plain_graph(model, precision, {}))}
        for precision in ("fp32", "fp16")
    }


def tamper(files: Files, precision: str, constant: str, change: Callable[[Any], Any]) -> None:
    """Change one constant of a graph."""
    graph = onnx.load_model_from_string(files[precision]["network"])
    tensor = next(t for t in graph.graph.initializer if t.name == constant)
    values = numpy_helper.to_array(tensor)
    tensor.CopyFrom(numpy_helper.from_array(change(values).astype(values.dtype), constant))
    files[precision]["network"] = model_bytes(graph)


def test_true_graphs_pass(model: Plain) -> None:
    report = check_plain_accuracy(model, files_of(model), PAIRS)
    assert report.frame_difference < 1e-5
    assert report.psnr_change("fp16") < 0.02
    assert list(report.pictures[0].psnr) == ["all"]


@pytest.mark.parametrize("constant", ["features.layers.0.weight", LAST_BIAS])
def test_a_wrong_constant_is_found(model: Plain, constant: str) -> None:
    files = files_of(model)
    tamper(files, "fp32", constant, lambda values: values + 0.01)
    with pytest.raises(AccuracyError, match=r"fp32 graph network on .* nothing was written"):
        check_plain_accuracy(model, files, PAIRS)


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_nan_is_found(model: Plain, precision: str) -> None:
    files = files_of(model)
    tamper(files, precision, LAST_BIAS, lambda values: values * np.nan)
    with pytest.raises(AccuracyError, match=rf"{precision} graph network.*NaN or infinity"):
        check_plain_accuracy(model, files, PAIRS)


def test_a_coarse_float16_graph_is_found(model: Plain) -> None:
    files = files_of(model)
    tamper(files, "fp16", LAST_BIAS, lambda values: values + 0.09)
    with pytest.raises(AccuracyError, match=r"fp16 changes PSNR by .* picture 0 \(all\)"):
        check_plain_accuracy(model, files, PAIRS)


def test_a_file_that_runs_unlike_its_twin_is_found(
    model: Plain, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = files_of(model)
    twin = gate.rounding_twin(files["fp16"]["network"])
    tamper(files, "fp16", LAST_BIAS, lambda values: values + 0.09)
    monkeypatch.setattr(gate, "rounding_twin", lambda content: twin)
    with pytest.raises(AccuracyError, match=r"stored fp16 changes PSNR by .* picture 0 \(all\)"):
        check_plain_accuracy(model, files, PAIRS)


def test_overflow_inside_float16_is_found(model: Plain) -> None:
    # 1e5 inside is beyond float16, though the layer after it makes it small again.
    body = model.body
    for layer, factor in ((body[0], 1e5), (body[2], 1e-5)):
        for branch in ("kernel", "squeeze"):
            getattr(layer, branch).mul_(factor)
        layer.identity.zero_()
    with pytest.raises(AccuracyError, match="fp16 graph network"):
        check_plain_accuracy(model, files_of(model), PAIRS)
