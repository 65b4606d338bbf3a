"""From a plain network's checkpoint to a bundle that upscales as the network does."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch

from pcsr_edge.errors import OutputError, UsageError
from pcsr_edge.export.checkpoint import export_checkpoint
from pcsr_edge.export.dialect.check import violations
from pcsr_edge.export.report import ExportReport
from pcsr_edge.models import Checkpoint, Plain, PlainConfig
from pcsr_edge.runtime.manifest import Quality
from pcsr_edge.runtime.upscaler import Upscaler


def network(scale: int = 2) -> Plain:
    """Build a small network whose residual matters."""
    torch.manual_seed(0)
    model = Plain(PlainConfig(scale, 6, 2)).eval()
    with torch.no_grad():
        model.tail.kernel.mul_(4)
    return model


def export(target: Path, **options: Any) -> ExportReport:
    """Export the small network without the gate."""
    checkpoint = Checkpoint(network(), {"recipe": "tiny", "scale": 2})
    return export_checkpoint(checkpoint, target, **{"name": "tiny", "verify": False, **options})


def test_the_manifest_describes_the_network(target: Path) -> None:
    quality = Quality("Set5", 2, "y", None, 30.0, 0.9, "bicubic")
    manifest = export(target, quality=[quality], licence="free").bundle.manifest
    assert (manifest.name, manifest.method, manifest.scale) == ("tiny", "plain", 2)
    # 2 per multiply-add: 3 → 6, twice 6 → 6, 6 → 12.
    assert manifest.backbone_flops_per_cell == 2 * 9 * (3 * 6 + 2 * 6 * 6 + 6 * 12)
    assert manifest.receptive_field == 4
    # Image, shuffled residual, base and result at the last addition.
    assert manifest.activation_floats_per_cell == 3 * 12
    assert manifest.quality == (quality,)
    assert manifest.provenance["recipe"] == "tiny"
    assert manifest.provenance["licence"] == "free"


def test_the_files_are_those_of_the_manifest(target: Path) -> None:
    manifest = export(target).bundle.manifest
    files = {
        graphs["network"].file: graphs["network"].sha256 for graphs in manifest.precisions.values()
    }
    assert set(files) == {"network.fp32.onnx", "network.fp16.onnx"}
    for name, digest in files.items():
        assert hashlib.sha256((target / name).read_bytes()).hexdigest() == digest


def test_exporting_again_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        export(tmp_path / name)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_the_graphs_keep_to_the_dialect(target: Path, precision: str) -> None:
    export(target)
    assert violations(onnx.load(str(target / f"network.{precision}.onnx"))) == []


@pytest.mark.parametrize(("precision", "tolerance"), [("fp32", 1e-5), ("fp16", 2e-3)])
@pytest.mark.parametrize("options", [{}, {"tile": 9}], ids=["whole", "tiles"])
def test_the_bundle_upscales_as_the_network_does(
    target: Path, precision: str, tolerance: float, options: Any
) -> None:
    export(target)
    image = np.random.RandomState(0).uniform(size=(21, 17, 3)).astype(np.float32)
    with Upscaler.load(target, precision=precision, threads=2) as up:
        sr = up.run(image, **options).image
    with torch.no_grad():
        expected = network()(torch.from_numpy(image).permute(2, 0, 1)[None])[0].permute(1, 2, 0)
    np.testing.assert_allclose(sr, expected.clamp(0, 1).numpy(), atol=tolerance)


def test_the_gate_is_passed_and_reported(target: Path) -> None:
    report = export(target, verify=True)
    assert report.gate is not None
    assert report.gate.graph_difference < 1e-5
    assert report.gate.psnr_change("fp16") < 0.02
    text = "\n".join(report.lines())
    assert "tiny, plain, scale 2, fp32, fp16" in text
    assert "FLOPs: 2916 per LR pixel" in text
    assert report.to_dict()["gate"]["pictures"][0]["class_agreement"] == {}


def test_the_network_is_left_as_it_was(target: Path) -> None:
    model = network().double().train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    export_checkpoint(Checkpoint(model), target, name="tiny", verify=False)
    assert model.training
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize("scale", [3, 4, "any", 0])
def test_another_scale_is_refused(target: Path, scale: Any) -> None:
    with pytest.raises(UsageError, match="scale"):
        export(target, scale=scale)
    assert not target.exists()


def test_its_own_scale_may_be_given(target: Path) -> None:
    assert export(target, scale=2).bundle.manifest.scale == 2


def test_a_bundle_is_not_replaced_unasked(target: Path) -> None:
    export(target)
    with pytest.raises(OutputError, match="--overwrite"):
        export(target)
    export(target, name="other", overwrite=True)
