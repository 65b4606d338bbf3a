"""`explain`: pictures of what models have learned, without torch."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image


def _size(path: Path) -> Any:
    return Image.open(io.BytesIO(path.read_bytes())).size


def test_the_class_maps_of_a_pcsr_model_are_drawn(
    cli: Any, tmp_path: Path, tiny_bundle: Path
) -> None:
    picture = tmp_path / "lr.png"
    Image.fromarray(np.full((6, 9, 3), 90, np.uint8)).save(picture)
    out = tmp_path / "classes.png"
    done = cli("explain", tiny_bundle, "--image", picture, "-o", out)
    assert (done.code, done.out.strip()) == (0, str(out))
    assert _size(out)[0] > 2 * 360


@pytest.mark.parametrize("name", ["esr-tm-x4", "esr-max-x2", "esr-tr-x3"])
def test_the_filters_of_a_shipped_model_are_drawn(cli: Any, tmp_path: Path, name: str) -> None:
    out = tmp_path / "filters.png"
    assert cli("explain", name, "-o", out).code == 0
    assert min(_size(out)) > 100


def test_an_existing_file_is_left(cli: Any, tmp_path: Path, tiny_bundle: Path) -> None:
    out = tmp_path / "x.png"
    out.write_text("mine")
    assert cli("explain", tiny_bundle, "-o", out).code == 1
    assert out.read_text() == "mine"


def test_a_name_that_is_no_png_is_refused(cli: Any, tmp_path: Path, tiny_bundle: Path) -> None:
    assert cli("explain", tiny_bundle, "-o", tmp_path / "x.svg").code == 2


def test_a_plain_network_has_nothing_to_draw(cli: Any, tmp_path: Path, tiny_plain: Path) -> None:
    done = cli("explain", tiny_plain, "-o", tmp_path / "x.png")
    assert done.code == 2
    assert "method plain, which has nothing to draw" in done.err
    assert not (tmp_path / "x.png").exists()


def test_a_picture_is_for_pcsr_alone(cli: Any, tmp_path: Path) -> None:
    done = cli("explain", "esr-tm-x4", "--image", "a.png", "-o", tmp_path / "x.png")
    assert done.code == 2
    assert "--image is for models of method pcsr" in done.err
