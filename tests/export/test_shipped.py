"""The shipped bundles come from the checkpoints in the repository, and keep their quality."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, List, Tuple

import numpy as np
import pytest
from PIL import Image
from support.tree import ROOT

from pcsr_edge.calib.comparison import Side, compare
from pcsr_edge.calib.pictures import judging_pairs
from pcsr_edge.export.checkpoint import export_checkpoint
from pcsr_edge.models import load_checkpoint
from pcsr_edge.runtime.backends import OnnxRuntimeBackend
from pcsr_edge.runtime.bundle import MANIFEST_NAME, load_bundle, shipped_bundles
from pcsr_edge.runtime.graph_weights import float_constants
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.patch_table import FILES, load_table
from pcsr_edge.runtime.quality import psnr
from pcsr_edge.runtime.resample import crop_to_multiple, downscale
from pcsr_edge.runtime.upscaler import Upscaler

CHECKPOINTS = sorted((ROOT / "checkpoints").glob("*.pth"))
TRAINED = sorted(path.stem for path in CHECKPOINTS)
IN_INT8 = ["plain-s-x4", "plain-m-x4", "plain-l-x4"]
PROMISED = 30.2
"""Luma PSNR in dB on Set5 x4 that the default model must reach at least."""
LOSS = 0.02
"""dB by which a measured quality may fall short of the one in its manifest."""


@pytest.mark.parametrize("path", CHECKPOINTS, ids=TRAINED)
def test_exporting_a_checkpoint_again_gives_the_shipped_bytes(path: Path, target: Path) -> None:
    shipped = load_bundle(path.stem)
    manifest = shipped.manifest
    export_checkpoint(
        load_checkpoint(path),
        target,
        name=path.stem,
        scale=manifest.scale,
        quality=manifest.quality,
        licence=manifest.provenance["licence"],
        verify=False,
    )
    found = {file.name: file.read_bytes() for file in target.iterdir()}
    # Tables and int8 graphs come of pictures, not of a checkpoint.
    added = {*FILES.values(), *(f"{name}.int8.onnx" for name in manifest.graph_names())}
    assert found == {
        MANIFEST_NAME: without_int8(manifest).to_json().encode("utf-8"),
        **{
            file.name: file.read_bytes()
            for file in shipped.folder.iterdir()
            if file.name not in {*added, MANIFEST_NAME}
        },
    }


def without_int8(manifest: Manifest) -> Manifest:
    """Return the manifest as it was before calibration."""
    parts = (manifest.precisions, manifest.provenance)
    precisions, provenance = ({n: v for n, v in part.items() if n != "int8"} for part in parts)
    return replace(manifest, precisions=precisions, provenance=provenance)


@pytest.mark.parametrize("name", IN_INT8)
def test_shipped_int8_graphs_round_the_shipped_weights(name: str) -> None:
    bundle = load_bundle(name)
    exact, rounded = (float_constants(bundle.graph("network", p)) for p in ("fp32", "int8"))
    assert all(np.array_equal(rounded[constant], exact[constant]) for constant in exact)
    steps = [constant for constant in rounded if constant.endswith(".weight/scale")]
    assert len(steps) == len(exact) // 2 - 1 - len(
        bundle.manifest.provenance["int8"]["float_layers"]
    )


@pytest.mark.parametrize("name", IN_INT8)
def test_shipped_int8_graphs_keep_the_gate(name: str) -> None:
    bundle, cpu = load_bundle(name), OnnxRuntimeBackend()
    found = compare(bundle, Side(cpu, "int8"), Side(cpu), judging_pairs(None, 4))
    assert found.failures == ()
    assert found.worst_pixel > 0


@pytest.mark.parametrize("name", IN_INT8)
def test_int8_changes_quality_as_the_manifest_says(shared_data: Path, name: str) -> None:
    said = load_bundle(name).manifest.provenance["int8"]["psnr_change_db_by_set"]["Set5 y"]
    change = measured(shared_data, name, "int8") - measured(shared_data, name)
    assert change == pytest.approx(said, abs=0.005)


@pytest.mark.parametrize("name", ["arm-fsrcnn-x4", "wbsr-fsrcnn-x4"])
def test_a_shipped_supernet_has_its_table(name: str) -> None:
    table = load_table(load_bundle(name))
    assert sum(table.counts) > 500
    assert table.costs_of == "flops"


def test_every_checkpoint_ships() -> None:
    assert len(TRAINED) >= 5
    assert set(TRAINED) <= set(shipped_bundles())


def pictures(folder: Path, scale: int) -> List[Tuple[Any, Any]]:
    """Return HR and LR of every picture."""
    found = []
    for path in sorted(folder.glob("*.png")):
        with Image.open(path) as image:
            hr = crop_to_multiple(np.asarray(image.convert("RGB")), scale)
        found.append((hr, downscale(hr, scale)))
    return found


def measured(shared_data: Path, name: str, precision: str = "fp32") -> float:
    """Return the mean luma PSNR on Set5 at the model's scale and default k."""
    with Upscaler.load(name, device="cpu", precision=precision) as up:
        scale = up.bundle.manifest.scale
        assert isinstance(scale, int)
        pairs = pictures(shared_data / "test" / "set5" / f"x{scale}" / "HR", scale)
        assert len(pairs) == 5
        return float(np.mean([psnr(up(lr), hr, "y", scale) for hr, lr in pairs]))


@pytest.mark.parametrize("name", TRAINED)
def test_quality_is_what_the_manifest_says(shared_data: Path, name: str) -> None:
    manifest = load_bundle(name).manifest
    (said,) = (
        q.psnr
        for q in manifest.quality
        if (q.data, q.channel, q.scale) == ("Set5", "y", manifest.scale)
        and q.force_class is None
        and q.k in (None, manifest.default_k)
        and q.eta in (None, manifest.default_eta)
    )
    assert measured(shared_data, name) == pytest.approx(said, abs=LOSS)


def test_the_default_model_is_as_good_as_promised(shared_data: Path) -> None:
    assert measured(shared_data, "pcsr-fsrcnn-x4") >= PROMISED
