"""From a supernet's checkpoint to a bundle that upscales as its subnets do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from support.supernets import tiny_supernet

from pcsr_edge.errors import OutputError, UsageError
from pcsr_edge.export.checkpoint import export_checkpoint
from pcsr_edge.export.dialect.check import violations
from pcsr_edge.export.report import ExportReport
from pcsr_edge.models import Checkpoint
from pcsr_edge.runtime.backends import OnnxRuntimeBackend
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.manifest import Quality
from pcsr_edge.runtime.upscaler import Upscaler

BACKBONES = [("fsrcnn", True), ("carn", False), ("srresnet", True)]


def export(
    target: Path, backbone: str = "fsrcnn", residual: bool = True, **options: Any
) -> ExportReport:
    """Export a small supernet without the gate."""
    checkpoint = Checkpoint(tiny_supernet(backbone, residual), {"recipe": "tiny", "scale": 2})
    return export_checkpoint(checkpoint, target, **{"name": "tiny", "verify": False, **options})


def test_the_manifest_describes_the_network(target: Path) -> None:
    quality = Quality("Set5", 2, "y", None, 30.0, 0.9, "bicubic", eta=4.0)
    manifest = export(target, quality=[quality], licence="free").bundle.manifest
    assert (manifest.name, manifest.method, manifest.scale) == ("tiny", "arm", 2)
    # 2 per multiply-add, 1 per PReLU; 4 SR pixels a cell.
    convolutions = 75 * 8 + 3 * 8 + 9 * 9 + 3 * 8 + 9 * 8 * 12
    slopes = 8 + 3 + 3 + 8
    costs = [cost.flops_per_query for cost in manifest.classes]
    assert costs[0] == round((2 * convolutions + slopes) / 4)
    assert costs[0] > costs[1] > costs[2] == 0
    assert (manifest.patch, manifest.step, manifest.receptive_field) == (6, 4, 4)
    assert manifest.graph_names() == ("subnet_0", "subnet_1")
    assert manifest.quality == (quality,)
    assert load_bundle(target).manifest == manifest


@pytest.mark.parametrize(("backbone", "residual"), BACKBONES)
@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_the_complete_graphs_keep_to_the_dialect(
    target: Path, backbone: str, residual: bool, precision: str
) -> None:
    bundle = export(target, backbone, residual).bundle
    for name in bundle.manifest.graph_names():
        graph = onnx.load_model_from_string(bundle.graph(name, precision))
        onnx.checker.check_model(graph, full_check=True)
        assert violations(graph) == []


@pytest.mark.parametrize(("backbone", "residual"), BACKBONES)
def test_every_weight_is_stored_once(target: Path, backbone: str, residual: bool) -> None:
    bundle = export(target, backbone, residual).bundle
    narrow = onnx.load_model_from_string((target / "subnet_1.fp32.onnx").read_bytes())
    assert not any(tensor.raw_data for tensor in narrow.graph.initializer)
    complete = onnx.load_model_from_string(bundle.graph("subnet_1"))
    assert all(tensor.raw_data for tensor in complete.graph.initializer)


@pytest.mark.parametrize(("precision", "tolerance"), [("fp32", 1e-5), ("fp16", 4e-3)])
@pytest.mark.parametrize(("backbone", "residual"), BACKBONES)
@pytest.mark.parametrize("value", [0, 1])
def test_the_bundle_upscales_as_the_subnet_does(
    target: Path, backbone: str, residual: bool, precision: str, tolerance: float, value: int
) -> None:
    export(target, backbone, residual)
    image = np.random.RandomState(0).uniform(size=(13, 17, 3)).astype(np.float32)
    # Users are refused fp16 on the CPU, which is no faster there.
    backend = OnnxRuntimeBackend()
    with Upscaler(load_bundle(target), backend, precision=precision, threads=2) as up:
        sr = up.run(image, force_class=value, halo=True).image
    model = tiny_supernet(backbone, residual)
    with torch.no_grad():
        expected = model(torch.from_numpy(image).permute(2, 0, 1)[None], value)
    expected = expected[0].permute(1, 2, 0).clamp(0, 1).numpy()
    np.testing.assert_allclose(sr, expected, atol=tolerance)


def test_exporting_again_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        export(tmp_path / name)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_the_gate_is_passed_and_reported(target: Path) -> None:
    report = export(target, verify=True)
    assert report.gate is not None
    assert report.gate.graph_difference < 1e-5
    assert list(report.gate.pictures[0].psnr) == ["class 0", "class 1"]


def test_the_report_names_the_command_that_comes_next(target: Path) -> None:
    last = export(target).lines()[-1]
    assert f"pcsr-edge calibrate edge-psnr {target} --images" in last


def test_another_scale_is_refused(target: Path) -> None:
    with pytest.raises(UsageError, match="scale"):
        export(target, scale=3)
    assert not target.exists()


def test_a_bundle_is_not_replaced_unasked(target: Path) -> None:
    export(target)
    with pytest.raises(OutputError, match="--overwrite"):
        export(target)
