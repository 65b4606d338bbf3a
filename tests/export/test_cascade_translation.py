"""From a cascade's checkpoint to a bundle that upscales as the network does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from support.cascades import tiny_cascade

from pcsr_edge.errors import OutputError, UsageError
from pcsr_edge.export.checkpoint import export_checkpoint
from pcsr_edge.export.dialect.check import violations
from pcsr_edge.export.report import ExportReport
from pcsr_edge.models import Checkpoint
from pcsr_edge.runtime.manifest import Quality
from pcsr_edge.runtime.upscaler import Upscaler


def export(target: Path, **options: Any) -> ExportReport:
    """Export the small network without the gate."""
    checkpoint = Checkpoint(tiny_cascade(), {"recipe": "tiny", "scale": 2})
    return export_checkpoint(checkpoint, target, **{"name": "tiny", "verify": False, **options})


def test_the_manifest_describes_the_network(target: Path) -> None:
    quality = Quality("Set5", 2, "y", 0.0, 30.0, 0.9, "bicubic")
    manifest = export(target, quality=[quality], licence="free").bundle.manifest
    assert (manifest.name, manifest.method, manifest.scale) == ("tiny", "cascade", 2)
    # 2 per multiply-add: 3 → 5, 5 → 5.
    assert manifest.backbone_flops_per_cell == 2 * 9 * (3 * 5 + 5 * 5)
    # Light: 5 → 12 per cell. Deep: twice 5 → 5, then 5 → 12, on 16 cells each.
    deep = 2 * 9 * (2 * 5 * 5 + 5 * 12)
    light = 2 * 5 * 12
    costs = [cost.flops_per_query for cost in manifest.classes]
    assert costs == [round((light + deep) / 4), round(light / 4)]
    assert manifest.classifier_flops_per_query == 2 * (5 * 4 + 4) // 4
    assert (manifest.receptive_field, manifest.block, manifest.margin) == (3, 4, 1)
    assert manifest.quality == (quality,)
    assert manifest.provenance["licence"] == "free"


def test_exporting_again_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        export(tmp_path / name)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
@pytest.mark.parametrize("graph", ["trunk", "deep"])
def test_the_graphs_keep_to_the_dialect(target: Path, graph: str, precision: str) -> None:
    export(target)
    assert violations(onnx.load(str(target / f"{graph}.{precision}.onnx"))) == []


@pytest.mark.parametrize(("precision", "tolerance"), [("fp32", 1e-5), ("fp16", 2e-3)])
@pytest.mark.parametrize("tile", ["off", 9])
@pytest.mark.parametrize("value", [0, 1])
def test_the_bundle_upscales_as_the_network_does(
    target: Path, precision: str, tolerance: float, tile: Any, value: int
) -> None:
    export(target)
    image = np.random.RandomState(0).uniform(size=(21, 17, 3)).astype(np.float32)
    with Upscaler.load(target, precision=precision, threads=2) as up:
        sr = up.run(image, tile=tile, force_class=value).image
    with torch.no_grad():
        results = tiny_cascade().results(torch.from_numpy(image).permute(2, 0, 1)[None])
    expected = results[value][0].permute(1, 2, 0).clamp(0, 1).numpy()
    np.testing.assert_allclose(sr, expected, atol=tolerance)


def test_the_gate_is_passed_and_reported(target: Path) -> None:
    report = export(target, verify=True)
    assert report.gate is not None
    assert report.gate.graph_difference < 1e-5
    assert "tiny, cascade, scale 2, 2 classes, fp32, fp16" in "\n".join(report.lines())


def test_each_checkpoint_finds_its_exporter(target: Path) -> None:
    report = export_checkpoint(Checkpoint(tiny_cascade()), target, name="tiny", verify=False)
    assert report.bundle.manifest.method == "cascade"


@pytest.mark.parametrize("scale", [3, "any"])
def test_another_scale_is_refused(target: Path, scale: Any) -> None:
    with pytest.raises(UsageError, match="scale"):
        export(target, scale=scale)
    assert not target.exists()


def test_a_bundle_is_not_replaced_unasked(target: Path) -> None:
    export(target)
    with pytest.raises(OutputError, match="--overwrite"):
        export(target)
    export(target, name="other", overwrite=True)
