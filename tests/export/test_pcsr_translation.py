"""From a checkpoint to a bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Dict

import numpy as np
import onnx
import pytest
import torch
from support.networks import TINY

from pcsr_edge import __version__
from pcsr_edge.errors import (
    AccuracyError,
    CheckpointError,
    DialectError,
    ExportError,
    OutputError,
    UsageError,
)
from pcsr_edge.export import packing, pcsr_translation
from pcsr_edge.export.checkpoint import export_checkpoint
from pcsr_edge.export.flops import backbone_flops, head_flops
from pcsr_edge.models import PCSR, Checkpoint
from pcsr_edge.runtime.bundle import load_bundle
from pcsr_edge.runtime.manifest import Quality

IMAGES = [np.random.RandomState(4).randint(256, size=(32, 40, 3)).astype(np.uint8)]
Export = Callable[..., Any]


@pytest.fixture(name="export")
def _export(target: Path) -> Export:
    def export(model: PCSR, **options: Any) -> Any:
        options = {"name": "tiny", "scale": 2, "images": IMAGES, "verify": False, **options}
        provenance = options.pop("provenance", {})
        folder = options.pop("folder", target)
        return export_checkpoint(Checkpoint(model, provenance), folder, **options)

    return export


@pytest.mark.parametrize("backbone", TINY)
def test_each_backbone_is_exported(
    backbone: str, make_model: Callable[..., PCSR], export: Export
) -> None:
    model = make_model(backbone)
    manifest = export(model, verify=True).bundle.manifest
    assert manifest.backbone_flops_per_cell == backbone_flops(model.backbone)
    assert manifest.receptive_field == model.backbone.receptive_radius


CLASSES: Dict[int, Any] = {
    1: {"upsamplers": ((8,),)},
    2: {"upsamplers": ((8, 8), (4,))},
    3: {"upsamplers": ((8, 8), (6,), ()), "classifier": (5,)},
    4: {"upsamplers": ((8, 8), (6,), (4,), (2,)), "classifier": (5, 5)},
}


@pytest.mark.parametrize("classes", CLASSES)
def test_each_number_of_classes_is_exported(
    classes: int, make_model: Callable[..., PCSR], export: Export
) -> None:
    model = make_model(**CLASSES[classes])
    bundle = export(model, verify=True).bundle
    upsamplers: Any = model.upsamplers
    assert [c.flops_per_query for c in bundle.manifest.classes] == [
        head_flops(upsampler) for upsampler in upsamplers
    ]
    assert (bundle.manifest.classifier_flops_per_query > 0) == (classes > 1)
    assert set(bundle.manifest.precisions) == {"fp32", "fp16"}


def test_manifest_says_what_was_given(make_model: Callable[..., PCSR], export: Export) -> None:
    quality = Quality("set5", 2, "y", 0.0, 30.0, 0.9, "bicubic")
    model = make_model(mean=(0.4, 0.5, 0.6), std=0.5)
    manifest = export(model, quality=[quality]).bundle.manifest
    assert (manifest.name, manifest.method, manifest.scale) == ("tiny", "pcsr", 2)
    assert (manifest.mean, manifest.std) == ((0.4, 0.5, 0.6), 0.5)
    assert manifest.quality == (quality,)
    assert manifest.activation_floats_per_cell == 24


def test_provenance(make_model: Callable[..., PCSR], export: Export) -> None:
    given = {"data": "photographs", "steps": 7, "commit": "0123abc"}
    manifest = export(make_model(), provenance=given, licence="CC0-1.0").bundle.manifest
    assert manifest.provenance == {
        **given,
        "exporter": f"pcsr-edge {__version__}",
        "licence": "CC0-1.0",
    }


def test_graphs_carry_metadata(make_model: Callable[..., PCSR], export: Export) -> None:
    bundle = export(make_model()).bundle
    for name in bundle.manifest.precisions["fp16"]:
        model = onnx.load_model_from_string(bundle.graph(name, "fp16"))
        properties = {p.key: p.value for p in model.metadata_props}
        assert properties == {"name": "tiny", "method": "pcsr", "scale": "2"}


def test_exporting_twice_gives_equal_bytes(
    make_model: Callable[..., PCSR], export: Export, tmp_path: Path
) -> None:
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        export(make_model("carn"), folder=folder)
    first, second = ({f.name: f.read_bytes() for f in folder.iterdir()} for folder in folders)
    assert len(first) == 17
    assert first == second


def test_one_precision_is_enough(make_model: Callable[..., PCSR], export: Export) -> None:
    report = export(make_model(), precisions=["fp32"], verify=True)
    assert list(report.bundle.manifest.precisions) == ["fp32"]
    assert report.lines()[-1].startswith("accuracy fp32")


def test_any_scale(make_model: Callable[..., PCSR], export: Export) -> None:
    assert export(make_model(), scale="any", images=(), verify=True).bundle.manifest.scale == "any"


def test_without_verification_nothing_is_measured(
    make_model: Callable[..., PCSR], export: Export
) -> None:
    report = export(make_model())
    assert report.gate is None
    assert report.to_dict()["gate"] is None
    assert report.lines()[-1] == "accuracy: not checked"


def test_report(make_model: Callable[..., PCSR], export: Export, target: Path) -> None:
    report = export(make_model(), verify=True)
    assert report.to_dict()["bundle"] == str(target)
    assert report.to_dict()["gate"]["pictures"][0]["picture"] == "picture 0"
    assert "tiny, pcsr, scale 2, 2 classes, fp32, fp16" in report.lines()[0]
    assert "dB of fp32" in report.lines()[-1]


def test_the_checkpoint_is_left_alone(make_model: Callable[..., PCSR], export: Export) -> None:
    model = make_model("carn").train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    export(model)
    assert model.training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_a_network_in_double_precision_is_exported(
    make_model: Callable[..., PCSR], export: Export
) -> None:
    assert export(make_model().double(), verify=True).gate.graph_difference < 1e-4


def test_overwriting(make_model: Callable[..., PCSR], export: Export, target: Path) -> None:
    export(make_model(), name="old")
    with pytest.raises(OutputError, match="--overwrite"):
        export(make_model(), name="new")
    assert load_bundle(target).name == "old"
    export(make_model(), name="new", overwrite=True)
    assert load_bundle(target).name == "new"


@pytest.mark.parametrize(
    "options",
    [
        {"name": ""},
        {"scale": 0},
        {"scale": 2.5},
        {"scale": "4"},
        {"precisions": ["fp16"]},
        {"precisions": ["fp32", "int8"]},
        {"precisions": ["fp32", "fp32"]},
        {"images": [np.zeros((4, 4, 3), np.uint8)]},
    ],
    ids=str,
)
def test_senseless_options_are_refused(
    options: Dict[str, Any], make_model: Callable[..., PCSR], export: Export, target: Path
) -> None:
    with pytest.raises(UsageError):
        export(make_model(), **{"verify": True, **options})
    assert list(target.parent.iterdir()) == []


def test_provenance_that_is_no_plain_data_is_refused(
    make_model: Callable[..., PCSR], export: Export
) -> None:
    with pytest.raises(CheckpointError, match="provenance"):
        export(make_model(), provenance={"weights": torch.zeros(1)})


def too_small_radius(model: PCSR) -> None:
    model.backbone.receptive_radius -= 1


def too_large_weight(model: PCSR) -> None:
    upsampler: Any = model.upsamplers[0]
    upsampler.first.weight[0, 0] = 1e6


def not_a_number(model: PCSR) -> None:
    upsampler: Any = model.upsamplers[1]
    upsampler.first.bias[0] = torch.nan


@pytest.mark.parametrize("spoil", [too_small_radius, too_large_weight, not_a_number])
def test_a_network_that_cannot_be_exported_leaves_nothing(
    spoil: Callable[[PCSR], None],
    make_model: Callable[..., PCSR],
    export: Export,
    target: Path,
) -> None:
    model = make_model()
    spoil(model)
    with pytest.raises(ExportError):
        export(model)
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("home", "check", "error"),
    [(pcsr_translation, "check_accuracy", AccuracyError), (packing, "check_dialect", DialectError)],
)
def test_a_failed_check_leaves_the_old_bundle(
    home: Any,
    check: str,
    error: Any,
    make_model: Callable[..., PCSR],
    export: Export,
    target: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    export(make_model(), name="old")

    def fail(*arguments: Any) -> None:
        raise error("spoilt")

    monkeypatch.setattr(home, check, fail)
    with pytest.raises(error):
        export(make_model(), name="new", overwrite=True, verify=True)
    assert load_bundle(target).name == "old"
    assert [path.name for path in target.parent.iterdir()] == ["bundle"]
