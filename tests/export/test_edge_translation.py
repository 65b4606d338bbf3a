"""Networks of the edge-SR pool as graphs: equal to the published form, few nodes, one shuffle."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List

import numpy as np
import onnx
import pytest
import torch

from pcsr_edge.errors import AccuracyError, UsageError
from pcsr_edge.export.checkpoint import export_checkpoint
from pcsr_edge.export.dialect.check import violations
from pcsr_edge.export.edge_gate import check_edge_accuracy
from pcsr_edge.export.edge_graph import edge_graph
from pcsr_edge.export.edge_translation import cell_flops
from pcsr_edge.export.graph_builder import model_bytes
from pcsr_edge.export.pictures import make_pairs
from pcsr_edge.models import Checkpoint, ModelId, OneChannel, edge_network
from pcsr_edge.runtime.backends.onnxruntime import OnnxRuntimeBackend
from pcsr_edge.runtime.upscaler import Upscaler

IDS = [
    "eSR-MAX_s2_K3_C1",
    "eSR-MAX_s4_K3_C3",
    "eSR-MAX_s2_K5_C2",
    "eSR-TM_s2_K3_C1",
    "eSR-TM_s4_K5_C2",
    "eSR-TM_s3_K5_C2",
    "eSR-TM_s2_K7_C3",
    "eSR-TM_s4_K3_C5",
    "eSR-TR_s4_K3_C1",
    "eSR-TR_s4_K5_C2",
    "eSR-TR_s3_K3_C4",
    "eSR-CNN_s4_C1_D2_S3",
    "eSR-CNN_s4_C2_D3_S6",
    "eSR-CNN_s2_C4_D0_S6",
    "ESPCN_s3_D4_S5",
    "ESPCN_s2_D0_S5",
    "FSRCNN_s2_D5_S3_M2",
    "FSRCNN_s4_D5_S3_M1",
    "Bicubic_s3",
    "Bicubic-PS_s2",
]


def network(text: str, spread: float = 0.3) -> OneChannel:
    """Build a network whose every part matters."""
    torch.manual_seed(2)
    model = edge_network(ModelId(text)).eval().requires_grad_(False)
    if not text.startswith("Bicubic"):
        for weight in model.parameters():
            torch.nn.init.normal_(weight, std=spread)
    return model


def run(model: OneChannel, y: torch.Tensor, precision: str = "fp32") -> Any:
    """Run the graph on `y`, its edge repeated."""
    graph = edge_graph(model, precision, {})
    with OnnxRuntimeBackend().load(model_bytes(graph), 1) as engine:
        return engine.run({"y": model.padded(y).numpy()})["sr"]


@pytest.mark.parametrize("text", IDS)
def test_the_graph_equals_the_published_form(text: str) -> None:
    model, y = network(text), torch.rand(1, 1, 13, 10)
    expected = model.inner(model(model.padded(y))).numpy()
    np.testing.assert_allclose(run(model, y), expected, atol=1e-5 * max(1, np.abs(expected).max()))


@pytest.mark.parametrize("text", IDS)
@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_the_graph_stays_inside_the_dialect(text: str, precision: str) -> None:
    assert not violations(edge_graph(network(text), precision, {}))


@pytest.mark.parametrize("text", ["eSR-TM_s4_K5_C4", "eSR-TR_s4_K5_C3", "eSR-CNN_s2_C3_D3_S6"])
@pytest.mark.parametrize("gain", [30.0, 300.0])
def test_large_keys_do_not_overflow(text: str, gain: float) -> None:
    model, y = network(text, spread=gain), torch.rand(1, 1, 9, 9)
    got = run(model, y)
    assert np.isfinite(got).all()
    if "CNN" not in text:
        # No weight is negative and they add up to 1: the result lies among the values.
        values = torch.nn.functional.conv2d(
            model.padded(y),
            model.filters()[0].flatten(0, 1),  # type: ignore[operator]
        )
        margin = 1e-4 * float(values.abs().max())
        assert values.min() - margin <= got.min()
        assert got.max() <= values.max() + margin


def _operators(model: OneChannel) -> List[str]:
    return [node.op_type for node in edge_graph(model, "fp32", {}).graph.node]


@pytest.mark.parametrize("text", IDS)
def test_channels_are_reduced_before_the_one_shuffle(text: str) -> None:
    operators = _operators(network(text))
    assert operators[-1] == "DepthToSpace"
    assert operators.count("DepthToSpace") == 1
    assert not {"Softmax", "ReduceMax", "ReduceSum", "Transpose", "Reshape"} & set(operators)


def test_two_channels_need_no_exponential() -> None:
    assert _operators(network("eSR-TM_s4_K5_C2")) == [
        *["Conv"] * 3,
        "Sigmoid",
        "Sub",
        "Mul",
        "Mul",
        "Add",
        "DepthToSpace",
    ]


def test_small_blocks_share_a_convolution() -> None:
    operators = _operators(network("eSR-TM_s2_K7_C3"))
    assert operators[:2] == ["Conv", "Split"]
    assert operators.count("Conv") == 1


def test_one_channel_is_its_values_alone() -> None:
    assert _operators(network("eSR-TR_s4_K3_C1")) == ["Conv", "DepthToSpace"]


def test_convolutions_are_counted() -> None:
    model = network("eSR-CNN_s4_C2_D3_S6")
    assert cell_flops(model) == 2 * (25 * 3 + 9 * 3 * 6 + 9 * 6 * 2 * 2 * 16)


def _export(text: str, target: Path, **options: Any) -> Any:
    checkpoint = Checkpoint(network(text), {"recipe": "tiny", "scale": 2})
    return export_checkpoint(checkpoint, target, name="tiny", **options)


def test_the_manifest_describes_the_network(tmp_path: Path) -> None:
    manifest = _export("eSR-TM_s2_K7_C3", tmp_path / "b", licence="free").bundle.manifest
    assert (manifest.method, manifest.channels, manifest.scale) == ("edge-sr", "y", 2)
    assert manifest.receptive_field == 3
    assert manifest.backbone_flops_per_cell == 2 * 49 * 2 * 3 * 4
    # Six blocks of four channels, made by one convolution and split.
    assert manifest.activation_floats_per_cell == 2 * 24
    assert manifest.provenance["id"] == "eSR-TM_s2_K7_C3"
    assert set(manifest.precisions) == {"fp32", "fp16"}


def test_the_bundle_upscales(tmp_path: Path) -> None:
    bundle = _export("Bicubic-PS_s3", tmp_path / "b").bundle
    flat = np.full((5, 4, 3), (200, 90, 30), np.uint8)
    with Upscaler.load(bundle.folder) as up:
        assert np.abs(up(flat).astype(int) - (200, 90, 30)).max() <= 1


def test_real_tiles_change_no_bit(tmp_path: Path) -> None:
    bundle = _export("eSR-TM_s2_K7_C3", tmp_path / "b", verify=False).bundle
    image = np.random.default_rng(0).integers(0, 256, (61, 67, 3), dtype=np.uint8)
    with Upscaler.load(bundle.folder, threads=1) as one:
        whole = one(image)
    with Upscaler.load(bundle.folder, threads=2) as up:
        for tile in (5, 17, 32):
            assert np.array_equal(up.run(image, tile=tile).image, whole)


def test_the_gate_reports_both_precisions(tmp_path: Path) -> None:
    gate = _export("eSR-MAX_s2_K5_C2", tmp_path / "b").gate
    assert gate.graph_difference < 1e-5
    assert gate.frame_difference < 1e-5
    assert 0 <= gate.psnr_change("fp16") <= 0.02


def test_a_graph_of_another_network_is_refused() -> None:
    files: Dict[str, Dict[str, bytes]] = {
        "fp32": {"network": model_bytes(edge_graph(network("eSR-MAX_s2_K5_C1"), "fp32", {}))}
    }
    with pytest.raises(AccuracyError, match="the fp32 graph network on noise differs"):
        check_edge_accuracy(network("Bicubic-PS_s2"), files, make_pairs((), 2))


def test_another_scale_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="trained for scale 2, not 4"):
        _export("eSR-MAX_s2_K5_C2", tmp_path / "b", scale=4)


def test_the_id_stands_in_the_graph() -> None:
    graph = edge_graph(network("eSR-MAX_s2_K3_C1"), "fp32", {"id": "eSR-MAX_s2_K3_C1"})
    assert {entry.key: entry.value for entry in graph.metadata_props} == {"id": "eSR-MAX_s2_K3_C1"}
    assert isinstance(graph, onnx.ModelProto)
