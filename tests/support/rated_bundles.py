"""Bundles that come along, with qualities and costs that tests make up."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Dict, List, Mapping, Sequence

import pytest

from pcsr_edge.runtime import bundle
from pcsr_edge.runtime.cache import cache_folder
from pcsr_edge.runtime.ladder import rungs_for
from pcsr_edge.runtime.ladder.cost import Cost, Point
from pcsr_edge.runtime.ladder.cost_table import CostTable
from pcsr_edge.runtime.ladder.machine import describe_machine
from pcsr_edge.runtime.ladder.rung import rung_at_work
from pcsr_edge.runtime.video.work_curve import WORKS

DATA = Path(__file__).parents[1] / "data"
BICUBIC = Path(bundle.__file__).parent / "bundles" / "bicubic"


def ship(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let bicubic and the tiny bundles, their quality unmeasured, be what comes along."""
    for path in (BICUBIC, DATA / "tiny-pcsr-x4", DATA / "tiny-plain-x4"):
        shutil.copytree(path, folder / path.name)
    monkeypatch.setattr(bundle, "SHIPPED_FOLDER", folder)
    return folder


def rate(folder: Path, *entries: Mapping[str, Any]) -> None:
    """Put measured qualities into the manifest of a bundle."""
    path = folder / bundle.MANIFEST_NAME
    manifest = json.loads(path.read_text(encoding="utf-8"))
    common = {"data": "Set5", "scale": 4, "channel": "y", "k": None, "ssim": 0.8, "protocol": "p"}
    quality: List[Dict[str, Any]] = [{**common, **entry} for entry in entries]
    path.write_text(json.dumps({**manifest, "quality": quality}), encoding="utf-8")


def price(ms_per_megapixel: Mapping[str, float], threads: int = 1) -> None:
    """Put costs into the user's cache, as if the rungs of x4 had been measured."""
    table = CostTable(describe_machine(threads, "onnxruntime-cpu"), cache_folder())
    for rung in rungs_for(4, "fp32"):
        ms = ms_per_megapixel[rung.name]
        small, large = Point(1000, ms / 1000), Point(10000, ms / 100)
        table.put(rung, Cost(small, large, "2020-01-02T03:04:05+00:00"))


def price_work(model: str, ms_per_megapixel: Sequence[float], threads: int = 1) -> None:
    """Put what a model takes at each share of `WORKS` into the user's cache, for x4."""
    table = CostTable(describe_machine(threads, "onnxruntime-cpu"), cache_folder())
    for work, ms in zip(WORKS, ms_per_megapixel):
        small, large = Point(1000, ms / 1000), Point(10000, ms / 100)
        rung = rung_at_work(bundle.load_bundle(model), 4.0, "fp32", work)
        table.put(rung, Cost(small, large, "2020-01-02T03:04:05+00:00"))
