"""A manifest that does not fit its graphs is one sentence, whatever the method."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Dict

import numpy as np
import pytest

from pcsr_edge.errors import EngineError
from pcsr_edge.runtime.bundle import shipped_bundles
from pcsr_edge.runtime.graph_shapes import GraphShapes
from pcsr_edge.runtime.manifest_reader import parse_manifest
from pcsr_edge.runtime.upscaler import Upscaler

DATA = Path(__file__).parents[1] / "data"
IMAGE = np.random.default_rng(0).integers(0, 256, (20, 24, 3)).astype(np.uint8)


def changed(source: Path, folder: Path, **fields: Any) -> Path:
    """Copy a bundle and change its manifest."""
    shutil.copytree(source, folder)
    path = folder / "bundle.json"
    data: Dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**data, **fields}), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("tiny-plain-x4", {}, "graph network gave its output phases as 1x48x20x24"),
        ("tiny-cascade-x4", {}, "graph trunk gave its output phases"),
        ("tiny-arm-x4", {"force_class": 1}, "graph subnet_1 gave its output phases"),
        ("esr-max-x4", {}, "graph network gave its output sr"),
    ],
)
def test_a_scale_that_is_not_the_graphs_is_told(
    tmp_path: Path, name: str, options: Dict[str, Any], message: str
) -> None:
    source = shipped_bundles().get(name, DATA / name)
    folder = changed(source, tmp_path / name, scale=2)
    told = rf"{message}.*scale 2.*export the bundle again"
    with Upscaler.load(folder, device="cpu", threads=1) as up, pytest.raises(
        EngineError, match=told
    ):
        up.run(IMAGE, **options)


def test_an_output_that_is_not_there_is_told() -> None:
    manifest = parse_manifest((DATA / "tiny-plain-x4/bundle.json").read_text("utf-8"), "x")
    image = np.zeros((1, 3, 4, 5), np.float32)
    found = GraphShapes(manifest, "network").mismatch({"image": image}, {"other": image})
    assert found == "the graph network has no output phases"
