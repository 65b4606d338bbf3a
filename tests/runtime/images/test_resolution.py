"""Pixels per inch on the way from file to file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional, Tuple

import numpy as np
import pytest
from PIL import Image
from support.picture_files import chunk, deep_png, exif, noise

from pcsr_edge.runtime.images import Picture, read_picture, write_picture

STATING = ["png", "jpg", "tiff", "bmp"]


def saved(path: Path, **options: Any) -> Path:
    Image.fromarray(noise(8, 16, 3)).save(path, **options)
    return path


def stated(path: Path) -> Any:
    with Image.open(path) as image:
        return tuple(round(float(value), 1) for value in image.info["dpi"])


@pytest.mark.parametrize("source", STATING)
@pytest.mark.parametrize("target", STATING)
def test_it_is_carried(tmp_path: Path, source: str, target: str) -> None:
    picture = read_picture(saved(tmp_path / f"a.{source}", dpi=(300, 150)))
    assert picture.dpi == (300, 150)
    assert write_picture(picture, tmp_path / f"b.{target}") == ()
    assert stated(tmp_path / f"b.{target}") == (300, 150)


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("dpi", [None, (72, 72), (299.5, 300.25)])
def test_png_states_it_and_nothing_else(
    tmp_path: Path, dpi: Optional[Tuple[float, float]], depth: Any
) -> None:
    write_picture(Picture(noise(5, 7, 3, depth), dpi=dpi), tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().count(b"pHYs") == (dpi is not None)
    read = read_picture(tmp_path / "a.png").dpi
    assert read == (None if dpi is None else pytest.approx(dpi, abs=0.02))


def test_it_is_read_from_16_bits(tmp_path: Path) -> None:
    per_metre = chunk(b"pHYs", b"\0\0\x2e\x23\0\0\x2e\x23\1")
    (tmp_path / "a.png").write_bytes(deep_png(noise(5, 7, 3, np.uint16), per_metre))
    assert read_picture(tmp_path / "a.png").dpi == (300, 300)


def test_metric_jpeg(tmp_path: Path) -> None:
    data = bytearray(saved(tmp_path / "a.jpg", dpi=(100, 100)).read_bytes())
    assert data[13] == 1
    data[13] = 2
    (tmp_path / "a.jpg").write_bytes(data)
    assert read_picture(tmp_path / "a.jpg").dpi == (254, 254)


@pytest.mark.parametrize("kind", ["png", "jpg", "webp"])
def test_a_file_that_states_none_has_none(tmp_path: Path, kind: str) -> None:
    assert read_picture(saved(tmp_path / f"a.{kind}", exif=exif())).dpi is None


def test_it_turns_with_the_picture(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", dpi=(300, 150), exif=exif(orientation=6))
    assert read_picture(path).dpi == (150, 300)


def test_webp_cannot_state_it(tmp_path: Path) -> None:
    picture = read_picture(saved(tmp_path / "a.png", dpi=(300, 300)))
    notes = write_picture(picture, tmp_path / "b.webp")
    assert notes == ("its 300 dpi were left out: WebP cannot hold them",)


def test_webp_states_it_in_exif(tmp_path: Path) -> None:
    block = Image.Exif()
    block[0x011A] = 300.0
    picture = read_picture(saved(tmp_path / "a.jpg", dpi=(300, 300), exif=block.tobytes()))
    assert write_picture(picture, tmp_path / "b.webp") == ()
