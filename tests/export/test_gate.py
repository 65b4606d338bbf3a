"""The accuracy gate lets good graphs pass, and no others."""

from __future__ import annotations

from typing import Any, Callable, Dict

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from pcsr_edge.errors import AccuracyError
from pcsr_edge.export import gate
from pcsr_edge.export.gate import FRAME_TOLERANCE, GateReport, PictureResult, check_accuracy
from pcsr_edge.export.graph_builder import model_bytes
from pcsr_edge.export.graphs import graphs_of
from pcsr_edge.export.pictures import make_pairs
from pcsr_edge.models import PCSR

PAIRS = make_pairs([np.random.RandomState(4).randint(256, size=(32, 40, 3)).astype(np.uint8)], 2)
Files = Dict[str, Dict[str, bytes]]


def files_of(model: PCSR, scale: int = 2) -> Files:
    return {
        precision: {n: model_bytes(g) for n, g in graphs_of(model, precision, {}, scale).items()}
        for precision in ("fp32", "fp16")
    }


def tamper(content: bytes, constant: str, change: Callable[[Any], Any]) -> bytes:
    """Change one constant of a graph."""
    model = onnx.load_model_from_string(content)
    tensor = next(t for t in model.graph.initializer if t.name == constant)
    values = numpy_helper.to_array(tensor)
    tensor.CopyFrom(numpy_helper.from_array(change(values).astype(values.dtype), constant))
    return model_bytes(model)


@pytest.fixture(name="model")
def _model(make_model: Callable[..., PCSR]) -> PCSR:
    return make_model(mean=(0.4, 0.5, 0.6))


def test_true_graphs_pass(model: PCSR) -> None:
    report = check_accuracy(model, files_of(model), 2, PAIRS)
    assert report.graph_difference < 1e-5
    assert report.frame_difference < FRAME_TOLERANCE
    assert report.psnr_change("fp16") < 0.02


def test_our_own_pictures_pass(model: PCSR) -> None:
    report = check_accuracy(model, files_of(model, 4), 4, make_pairs((), 4))
    names = [result.picture for result in report.pictures]
    assert names == ["photograph", "landscape", "shapes", "strokes"]


def test_one_class_passes(make_model: Callable[..., PCSR]) -> None:
    model = make_model(upsamplers=((8,),))
    report = check_accuracy(model, files_of(model), 2, PAIRS)
    assert report.pictures[0].class_agreement == {
        "fp32": 1.0,
        "fp16": 1.0,
        "stored fp16": 1.0,
    }
    assert list(report.pictures[0].psnr) == ["k=0", "class 0"]


@pytest.mark.parametrize(
    ("graph", "constant"),
    [
        ("backbone", "projection_0.weight"),
        ("backbone", "mean"),
        ("classifier", "first.bias"),
        ("upsampler_0", "layer_2.bias"),
        ("upsampler_1", "first.weight"),
        ("base", "base.weight"),
        ("classifier_dense", "first.bias"),
        ("upsampler_0_dense", "layer_2.bias"),
        ("upsampler_1_dense", "repeat"),
    ],
)
def test_a_wrong_constant_is_found(graph: str, constant: str, model: PCSR) -> None:
    files = files_of(model)
    files["fp32"][graph] = tamper(files["fp32"][graph], constant, lambda values: values + 1e-2)
    with pytest.raises(AccuracyError, match=rf"fp32 graph {graph}.*nothing was written"):
        check_accuracy(model, files, 2, PAIRS)


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_and_infinity_are_found(precision: str, value: float, model: PCSR) -> None:
    files = files_of(model)
    content = files[precision]["upsampler_1"]
    files[precision]["upsampler_1"] = tamper(content, "layer_1.bias", lambda v: v + value)
    with pytest.raises(AccuracyError, match=rf"{precision} graph upsampler_1.*NaN or infinity"):
        check_accuracy(model, files, 2, PAIRS)


def test_coarse_float16_is_found(model: PCSR) -> None:
    files = files_of(model)
    coarse = tamper(files["fp16"]["upsampler_0"], "layer_2.bias", lambda values: values + 0.09)
    files["fp16"]["upsampler_0"] = coarse
    with pytest.raises(AccuracyError, match=r"fp16 changes PSNR by .* dB .*picture 0"):
        check_accuracy(model, files, 2, PAIRS)


def test_a_file_whose_frames_are_unlike_those_of_its_twin_is_found(
    model: PCSR, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, sound = files_of(model), files_of(model)["fp16"]
    coarse = tamper(sound["upsampler_0"], "layer_2.bias", lambda values: values + 0.09)
    files["fp16"]["upsampler_0"] = coarse
    twins = {files["fp16"][name]: gate.rounding_twin(sound[name]) for name in sound}
    monkeypatch.setattr(gate, "rounding_twin", twins.__getitem__)
    with pytest.raises(AccuracyError, match=r"stored fp16 changes PSNR by .* picture 0"):
        check_accuracy(model, files, 2, PAIRS)


@pytest.mark.parametrize(
    ("graph", "constant"),
    [
        ("backbone", "projection_0.weight"),
        ("classifier", "first.weight"),
        ("upsampler_0", "layer_1.weight"),
        ("upsampler_1", "first.weight"),
    ],
)
def test_a_file_that_computes_something_else_is_found(
    graph: str, constant: str, model: PCSR, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, sound = files_of(model), files_of(model)["fp16"]
    files["fp16"][graph] = tamper(sound[graph], constant, lambda values: -values)
    twins = {files["fp16"][name]: gate.rounding_twin(sound[name]) for name in sound}
    monkeypatch.setattr(gate, "rounding_twin", twins.__getitem__)
    with pytest.raises(AccuracyError, match=rf"fp16 graph {graph}.*allowed is 0.1"):
        check_accuracy(model, files, 2, PAIRS)


def test_activations_beyond_float16_are_found(model: PCSR) -> None:
    # The product of two scales that float16 holds is beyond it; a third brings it back.
    head: Any = model.backbone.head
    shrink: Any = model.backbone.shrink
    head[0].weight.mul_(2.0**16 / head[0].weight.abs().max() / 2)
    head[0].bias.zero_()
    shrink[0].weight.mul_(2.0**-14)
    with pytest.raises(AccuracyError, match=r"fp16 graph backbone.*NaN or infinity"):
        check_accuracy(model, files_of(model), 2, PAIRS)


def test_frames_are_judged_too(model: PCSR, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "check_graphs", lambda *arguments: 0.0)
    files = files_of(model)
    content = files["fp32"]["upsampler_0"]
    files["fp32"]["upsampler_0"] = tamper(content, "layer_2.bias", lambda v: v + 1e-3)
    with pytest.raises(AccuracyError, match=r"fp32 graphs differ by .* picture 0"):
        check_accuracy(model, files, 2, PAIRS)


def result_of(fp16: float, fp32: float = 30.0) -> PictureResult:
    table = {"k=0": {"fp32": fp32, "fp16": fp32}, "class 1": {"fp32": fp32, "fp16": fp16}}
    return PictureResult("a", table, 1e-6, {"fp32": 1.0, "fp16": 0.99})


def test_the_worst_frame_counts() -> None:
    report = GateReport(0.0, (result_of(30.001), result_of(29.99)))
    assert report.psnr_change("fp16") == pytest.approx(0.01)


def test_the_file_counts_as_its_twin_does() -> None:
    table = {"k=0": {"fp32": 30.0, "fp16": 30.001, "stored fp16": 29.99}}
    report = GateReport(0.0, (PictureResult("a", table, 1e-6, {}),))
    assert report.psnr_change("fp16") == pytest.approx(0.01)


def test_two_perfect_frames_are_equal() -> None:
    assert GateReport(0.0, (result_of(np.inf, np.inf),)).psnr_change("fp16") == 0


def test_report_is_plain_data() -> None:
    data = GateReport(1e-6, (result_of(29.99),)).to_dict()
    assert data["pictures"][0]["psnr"]["class 1"] == {"fp32": 30.0, "fp16": 29.99}
    assert data["graph_difference"] == 1e-6
