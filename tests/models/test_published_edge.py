"""The published edge-SR files keep their published quality.

The article names no protocol. This one was found by searching: of LR as floats or 8 bit, shaves
and crops, the one in which every file comes within 0.1 dB on Set5 and their order is kept
(docs/models/edge-sr.md).
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Dict, List

import numpy as np
import pytest
import torch
from PIL import Image
from support.tree import ROOT
from torch.nn import functional as F

from pcsr_edge.models import OneChannel, load_checkpoint
from pcsr_edge.runtime.quality import luma, plane_psnr
from pcsr_edge.runtime.resample import bicubic, to_uint8

SHAVE, MULTIPLE = 18, 36
TOLERANCE = {"Set5": 0.1, "Set14": 0.14}
Scores = Dict[str, float]
SHIPPED = sorted(path.stem for path in (ROOT / "checkpoints").glob("esr-*.pth"))


@pytest.fixture(name="published", scope="module")
def _published(shared_data: Path) -> Dict[str, Dict[str, str]]:
    with (shared_data / "esr_published.csv").open(encoding="utf-8") as file:
        return {row["model"]: row for row in csv.DictReader(file)}


@pytest.fixture(name="networks", scope="module")
def _networks(shared_data: Path) -> List[OneChannel]:
    networks = []
    for path in sorted((shared_data / "weights" / "esr").glob("*.model")):
        model = load_checkpoint(path).model
        assert isinstance(model, OneChannel)
        networks.append(model)
    assert len(networks) >= 16
    return networks


def score(model: OneChannel, hr: Path) -> float:
    """Return PSNR of one picture by the protocol above."""
    scale = model.config.scale
    with Image.open(hr) as image:
        truth = to_uint8(luma(np.asarray(image.convert("RGB"))))
    size = truth.shape[0] // scale, truth.shape[1] // scale
    lr = to_uint8(bicubic(truth, size, (1 / scale, 1 / scale)))
    with torch.no_grad():
        phases = model.phases(torch.from_numpy(lr).float().div(255)[None, None])
    sr = F.pixel_shuffle(phases, scale)[0, 0].clamp(0, 1).double().mul(255).numpy()
    height, width = ((n - 2 * SHAVE) // MULTIPLE * MULTIPLE for n in truth.shape)
    kept = slice(SHAVE, SHAVE + height), slice(SHAVE, SHAVE + width)
    return plane_psnr(sr[kept], truth[kept], 0)


def mean_score(model: OneChannel, shared_data: Path, data: str) -> float:
    """Return the mean PSNR of a test set."""
    folder = shared_data / "test" / data.lower() / f"x{model.config.scale}" / "HR"
    return float(np.mean([score(model, path) for path in sorted(folder.glob("*.png"))]))


@pytest.mark.parametrize("data", ["Set5", "Set14"])
def test_every_file_has_its_published_quality(
    shared_data: Path,
    networks: List[OneChannel],
    published: Dict[str, Dict[str, str]],
    data: str,
) -> None:
    measured: Dict[int, Scores] = {}
    for model in networks:
        name, scale = model.config.text, model.config.scale
        psnr = mean_score(model, shared_data, data)
        assert abs(psnr - float(published[name][f"psnr_{data}"])) <= TOLERANCE[data], name
        measured.setdefault(scale, {})[name] = psnr
    if data == "Set5":
        for scores in measured.values():
            order = sorted(scores, key=lambda name: float(published[name]["psnr_Set5"]))
            assert sorted(scores, key=scores.__getitem__) == order


@pytest.mark.parametrize("data", sorted(TOLERANCE))
@pytest.mark.parametrize("name", SHIPPED)
def test_ours_are_as_good_as_the_published(
    shared_data: Path, published: Dict[str, Dict[str, str]], name: str, data: str
) -> None:
    model = load_checkpoint(ROOT / "checkpoints" / f"{name}.pth").model
    assert isinstance(model, OneChannel)
    theirs = float(published[model.config.text][f"psnr_{data}"])
    file = shared_data / "weights" / "esr" / f"{model.config.text}.model"
    if file.exists():
        # The file itself in the same protocol, which takes up to 0.14 dB from published numbers.
        published_model = load_checkpoint(file).model
        assert isinstance(published_model, OneChannel)
        theirs = mean_score(published_model, shared_data, data)
    assert mean_score(model, shared_data, data) >= theirs - 0.1
