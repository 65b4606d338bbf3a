"""What an export says it did: for people, and as data."""

from __future__ import annotations

from pathlib import Path
from typing import List, Optional

import pytest
from support.fake_model import FakeModel
from support.fake_plain import FakePlain

from pcsr_edge.export.gate import GateReport, PictureResult
from pcsr_edge.export.report import ExportReport

GATE = GateReport(3e-6, (PictureResult("a", {"k=0": {"fp32": 30.0, "fp16": 29.99}}, 2e-6, {}),))


def report(folder: Path, classes: int = 2, gate: Optional[GateReport] = None) -> ExportReport:
    """Report on a bundle of a fake network."""
    return ExportReport(FakeModel(0, classes).bundle(folder), gate)


@pytest.mark.parametrize(("classes", "words"), [(1, "1 class"), (2, "2 classes")])
def test_the_first_line_names_the_bundle(tmp_path: Path, classes: int, words: str) -> None:
    first = report(tmp_path, classes).lines()[0]
    assert first == f"{tmp_path}: fake, pcsr, scale 4, {words}, fp32"


def test_the_costs_are_told(tmp_path: Path) -> None:
    manifest = report(tmp_path).bundle.manifest
    heavy, light = (cost.flops_per_query for cost in manifest.classes)
    assert report(tmp_path).lines()[1] == (
        f"FLOPs: backbone {manifest.backbone_flops_per_cell} per LR pixel, "
        f"upsamplers {heavy}, {light} per query pixel"
    )


def test_a_plain_network_has_one_cost(tmp_path: Path) -> None:
    lines = ExportReport(FakePlain().bundle(tmp_path), None).lines()
    assert lines[0].endswith("fake-plain, plain, scale 3, fp32")
    assert lines[1] == "FLOPs: 900 per LR pixel"


def accuracy(folder: Path, gate: Optional[GateReport]) -> List[str]:
    return [line for line in report(folder, gate=gate).lines() if line.startswith("accuracy")]


def test_what_the_gate_measured_is_told(tmp_path: Path) -> None:
    expected = "accuracy fp32: graphs within 3e-06 of the network, frames within 2e-06"
    assert accuracy(tmp_path, GATE) == [expected]


def test_an_export_without_gate_says_so(tmp_path: Path) -> None:
    assert accuracy(tmp_path, None) == ["accuracy: not checked"]


def test_the_data_are_complete(tmp_path: Path) -> None:
    data = report(tmp_path, gate=GATE).to_dict()
    manifest = report(tmp_path).bundle.manifest
    assert data == {
        "bundle": str(tmp_path),
        "name": "fake",
        "scale": 4,
        "precisions": ["fp32"],
        "backbone_flops_per_cell": manifest.backbone_flops_per_cell,
        "flops_per_query": [cost.flops_per_query for cost in manifest.classes],
        "receptive_field": manifest.receptive_field,
        "gate": GATE.to_dict(),
    }
