"""The published checkpoints, exported and held against the network on real pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pcsr_edge.export.checkpoint import export_checkpoint
from pcsr_edge.models import load_checkpoint

EXPECTED = {
    "fsrcnn-pcsr-x4": (19992, [26564, 1500], 6),
    "carn-pcsr-x4": (466440, [41588, 3960], 19),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_published_checkpoint(name: str, shared_data: Path, target: Path) -> None:
    paths = sorted((shared_data / "test" / "set5" / "x4" / "HR").glob("*.png"))[:2]
    images = [np.asarray(Image.open(path).convert("RGB")) for path in paths]
    checkpoint = load_checkpoint(shared_data / "weights" / "pcsr" / f"{name}.pth")
    report = export_checkpoint(checkpoint, target, name=name, scale=4, images=images)
    manifest, gate = report.bundle.manifest, report.gate
    flops = [c.flops_per_query for c in manifest.classes]
    found = (manifest.backbone_flops_per_cell, flops, manifest.receptive_field)
    assert found == EXPECTED[name]
    assert gate is not None
    assert gate.frame_difference < 2e-5
    assert gate.psnr_change("fp16") < 0.01
