"""TIFF that decoders would get wrong without a word."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
import pyvips
from PIL import Image

from pcsr_edge.errors import InputError
from pcsr_edge.runtime.images import read_picture


def test_ycbcr_without_jpeg_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.tif"
    noise = np.random.default_rng(0).integers(0, 256, (8, 9, 3)).astype(np.uint8)
    Image.fromarray(noise).convert("YCbCr").save(path)
    with pytest.raises(InputError, match="YCbCr"):
        read_picture(path)


def test_damaged_exif_warns_through_the_notes_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.jpg"
    Image.new("RGB", (8, 8)).save(path, exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\xff" * 20)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        picture = read_picture(path)
    assert [str(w.message) for w in caught] == []
    assert picture.notes


def test_lab_is_named(tmp_path: Path) -> None:
    Image.new("LAB", (8, 9)).save(tmp_path / "x.tif")
    with pytest.raises(InputError, match=r"x\.tif holds LAB samples; convert it to RGB first"):
        read_picture(tmp_path / "x.tif")


@pytest.mark.parametrize(("bands", "more"), [(5, "1 more channel "), (7, "3 more channels ")])
def test_more_channels_are_left_out_with_a_note(tmp_path: Path, bands: int, more: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (4, 5, bands)).astype(np.uint8) | 1
    image = pyvips.Image.new_from_memory(pixels.tobytes(), 5, 4, bands, "uchar")
    image.copy(interpretation="srgb").tiffsave(str(tmp_path / "x.tif"))
    picture = read_picture(tmp_path / "x.tif")
    np.testing.assert_array_equal(picture.rgb, pixels[..., :3])
    assert [note for note in picture.notes if more in note]
