"""EXIF and ICC profile on the way from file to file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Dict

import numpy as np
import pytest
from PIL import Image, ImageOps, TiffImagePlugin
from support.picture_files import (
    CMYK_PROFILE,
    GRAY_PROFILE,
    SRGB,
    chunk,
    deep_png,
    exif,
    noise,
)

from pcsr_edge.runtime.images import read_picture, write_picture

OPTIONS: Dict[str, Dict[str, Any]] = {
    "png": {},
    "jpg": {"quality": 100, "subsampling": 0},
    "webp": {"lossless": True},
    "tiff": {},
}
WITH_METADATA = list(OPTIONS)


def saved(path: Path, **options: Any) -> Path:
    # Smooth, so that a JPEG differs little.
    ramp = np.add.outer(np.arange(8) * 9, np.arange(16) * 5).astype(np.uint8)
    pixels = np.stack([ramp, ramp[::-1], ramp[:, ::-1]], axis=2)
    Image.fromarray(pixels).save(path, **options)
    return path


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", WITH_METADATA)
def test_orientation_is_applied_once(tmp_path: Path, kind: str, orientation: int) -> None:
    path = saved(tmp_path / f"a.{kind}", exif=exif(orientation), **OPTIONS[kind])
    reference = saved(tmp_path / "b.png", exif=exif(orientation))
    with Image.open(reference) as image:
        expected = np.asarray(ImageOps.exif_transpose(image))
    picture = read_picture(path)
    assert picture.size == expected.shape[:2]
    assert np.abs(picture.rgb.astype(int) - expected).max() <= 6


@pytest.mark.parametrize("source", WITH_METADATA)
@pytest.mark.parametrize("target", WITH_METADATA)
def test_exif_is_carried_with_the_orientation_reset(
    tmp_path: Path, source: str, target: str
) -> None:
    block = exif(orientation=6, size=(8, 16))
    picture = read_picture(saved(tmp_path / f"a.{source}", exif=block, **OPTIONS[source]))
    write_picture(picture, tmp_path / f"b.{target}")
    with Image.open(tmp_path / f"b.{target}") as image:
        result = image.getexif()
        assert image.size == (8, 16)
        assert (result[0x010F], result[0x0112]) == ("Maker", 1)
        inner = result.get_ifd(0x8769)
    assert (inner[0x829A], inner[0xA002], inner[0xA003]) == (0.5, 8, 16)
    np.testing.assert_array_equal(read_picture(tmp_path / f"b.{target}").size, (16, 8))


@pytest.mark.parametrize("target", ["png", "tiff"])
def test_exif_of_16_bits(tmp_path: Path, target: str) -> None:
    block = exif(orientation=8)[6:]
    pixels = noise(5, 7, 3, np.uint16)
    (tmp_path / "a.png").write_bytes(deep_png(pixels, chunk(b"eXIf", block)))
    picture = read_picture(tmp_path / "a.png")
    write_picture(picture, tmp_path / f"b.{target}")
    result = read_picture(tmp_path / f"b.{target}")
    np.testing.assert_array_equal(result.rgb, np.rot90(pixels))
    with Image.open(tmp_path / f"b.{target}") as image:
        assert (image.getexif()[0x010F], image.getexif()[0x0112]) == ("Maker", 1)


@pytest.mark.parametrize("kind", WITH_METADATA)
def test_profile_is_kept(tmp_path: Path, kind: str) -> None:
    picture = read_picture(saved(tmp_path / f"a.{kind}", icc_profile=SRGB, **OPTIONS[kind]))
    assert picture.icc == SRGB
    assert picture.notes == ()
    for target in WITH_METADATA:
        assert write_picture(picture, tmp_path / f"b.{target}", overwrite=True) == ()
        with Image.open(tmp_path / f"b.{target}") as image:
            assert image.info["icc_profile"] == SRGB


@pytest.mark.parametrize("target", ["png", "tiff"])
def test_profile_of_16_bits(tmp_path: Path, target: str) -> None:
    (tmp_path / "a.png").write_bytes(deep_png(noise(5, 7, 3, np.uint16)))
    picture = read_picture(saved(tmp_path / "b.png", icc_profile=SRGB))
    deep = read_picture(tmp_path / "a.png")
    assert deep.icc is None
    write_picture(replace(deep, icc=picture.icc), tmp_path / f"c.{target}")
    assert read_picture(tmp_path / f"c.{target}").icc == SRGB


def test_profile_of_another_colour_space_is_left_out(tmp_path: Path) -> None:
    for profile in (CMYK_PROFILE, GRAY_PROFILE):
        picture = read_picture(saved(tmp_path / "a.png", icc_profile=profile))
        assert picture.icc is None
        assert "ICC" in picture.notes[0]


def test_gray_profile_goes_with_gray_only(tmp_path: Path) -> None:
    Image.new("L", (4, 4), 90).save(tmp_path / "a.png", icc_profile=GRAY_PROFILE)
    picture = read_picture(tmp_path / "a.png")
    assert picture.icc == GRAY_PROFILE
    assert write_picture(picture, tmp_path / "b.png") == ()
    assert "ICC" in write_picture(picture, tmp_path / "b.webp")[0]


def test_rgb_profile_on_gray_goes_where_it_is_allowed(tmp_path: Path) -> None:
    Image.new("L", (4, 4), 90).save(tmp_path / "a.jpg", icc_profile=SRGB)
    picture = read_picture(tmp_path / "a.jpg")
    assert write_picture(picture, tmp_path / "b.jpg") == ()
    assert "ICC" in write_picture(picture, tmp_path / "b.png")[0]


def test_exif_too_long_for_jpeg_is_left_out(tmp_path: Path) -> None:
    block = Image.Exif()
    block[0x010E] = "x" * 70_000
    picture = read_picture(saved(tmp_path / "a.png", exif=block.tobytes()))
    assert "EXIF" in write_picture(picture, tmp_path / "b.jpg")[0]
    assert write_picture(picture, tmp_path / "b.webp") == ()


def test_bmp_has_no_room_for_metadata(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", exif=exif(), icc_profile=SRGB)
    notes = write_picture(read_picture(path), tmp_path / "b.bmp")
    assert [note[:8] for note in notes] == ["its EXIF", "its ICC "]


def test_damaged_exif_is_left_out(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", exif=b"Exif\0\0garbage")
    picture = read_picture(path)
    assert picture.exif is None
    assert "EXIF is damaged" in picture.notes[0]


def test_tiff_without_a_description_has_no_exif(tmp_path: Path) -> None:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[0x0112] = 6
    picture = read_picture(saved(tmp_path / "a.tiff", tiffinfo=tags, dpi=(300, 300)))
    assert (picture.exif, picture.size) == (None, (16, 8))
    assert write_picture(picture, tmp_path / "b.bmp") == ()
