"""The guide to a new backbone does what it says: its code is run as it stands."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any, Dict, List

import pytest
from support.tree import ROOT

from pcsr_edge.models import BACKBONES, PCSR
from pcsr_edge.models.backbone import Backbone
from pcsr_edge.train import Recipe

GUIDE = ROOT / "docs" / "adding_a_backbone.md"


def code_blocks() -> List[str]:
    """Return the Python of the guide, block by block."""
    return re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def names(tmp_path: Path, pictures: Path, monkeypatch: pytest.MonkeyPatch) -> Dict[str, Any]:
    """Run the guide in a folder with pictures; return the names it defines."""
    pytest.importorskip("onnx", reason="the guide checks the radius as export does")
    shutil.copytree(pictures, tmp_path / "pictures")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(BACKBONES, "_makers", dict(BACKBONES._makers))
    names: Dict[str, Any] = {"__name__": "guide"}
    for block in code_blocks():
        exec(block, names)
    return names


def test_the_guide_trains_the_backbone_that_it_adds(names: Dict[str, Any], tmp_path: Path) -> None:
    model, recipe = names["model"], names["recipe"]
    assert isinstance(model, PCSR)
    assert isinstance(recipe, Recipe)
    assert model.config == recipe.model
    assert isinstance(model.backbone, names["Rows"])
    assert (tmp_path / "runs" / "rows" / "checkpoint.pth").is_file()


def test_the_guide_names_every_layer_that_export_knows() -> None:
    layers = pytest.importorskip("pcsr_edge.export.layers", reason="export needs onnx").LAYERS
    text = GUIDE.read_text(encoding="utf-8")
    assert [kind.__name__ for kind in layers if f"`{kind.__name__}`" not in text] == []


def test_the_guide_names_every_backbone() -> None:
    text = GUIDE.read_text(encoding="utf-8").lower()
    assert [name for name in BACKBONES.names() if name not in text] == []


def test_the_guides_class_is_a_backbone(names: Dict[str, Any]) -> None:
    assert issubclass(names["Rows"], Backbone)
