"""What comes out of each kind of file."""

from __future__ import annotations

import io
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin
from support.picture_files import chunk, deep_png, noise, png, write_deep_tiff

from pcsr_edge.errors import InputError
from pcsr_edge.runtime.images import read_picture

LOSSLESS = {
    "png": {},
    "tiff": {},
    "bmp": {},
    "webp": {"lossless": True, "exact": True},
}


def save(path: Path, pixels: Any, **options: Any) -> Path:
    Image.fromarray(pixels.squeeze()).save(path, **options)
    return path


@pytest.mark.parametrize("kind", LOSSLESS)
def test_rgb(tmp_path: Path, kind: str) -> None:
    pixels = noise(5, 7, 3)
    picture = read_picture(save(tmp_path / f"a.{kind}", pixels, **LOSSLESS[kind]))
    np.testing.assert_array_equal(picture.rgb, pixels)
    assert (picture.gray, picture.alpha, picture.format) == (False, None, kind)
    assert picture.rgb.dtype == np.uint8
    assert picture.rgb.flags.c_contiguous


@pytest.mark.parametrize("kind", ["png", "tiff", "webp"])
def test_rgba(tmp_path: Path, kind: str) -> None:
    pixels = noise(5, 7, 4) | 1
    picture = read_picture(save(tmp_path / f"a.{kind}", pixels, **LOSSLESS[kind]))
    np.testing.assert_array_equal(picture.rgb, pixels[..., :3])
    np.testing.assert_array_equal(picture.alpha, pixels[..., 3])


@pytest.mark.parametrize("kind", ["png", "tiff", "bmp"])
def test_gray_is_repeated(tmp_path: Path, kind: str) -> None:
    pixels = noise(5, 7, 1)
    picture = read_picture(save(tmp_path / f"a.{kind}", pixels))
    assert picture.gray
    np.testing.assert_array_equal(picture.rgb, np.repeat(pixels, 3, axis=2))


@pytest.mark.parametrize("kind", ["png", "tiff"])
def test_gray_with_alpha(tmp_path: Path, kind: str) -> None:
    pixels = noise(5, 7, 2) | 1
    picture = read_picture(save(tmp_path / f"a.{kind}", pixels))
    assert picture.gray
    np.testing.assert_array_equal(picture.rgb[..., 2], pixels[..., 0])
    np.testing.assert_array_equal(picture.alpha, pixels[..., 1])


def test_jpeg(tmp_path: Path) -> None:
    pixels = np.full((16, 24, 3), (200, 60, 30), dtype=np.uint8)
    picture = read_picture(save(tmp_path / "a.jpg", pixels, quality=95, subsampling=0))
    assert picture.format == "jpg"
    assert np.abs(picture.rgb.astype(int) - pixels).max() <= 2


@pytest.mark.parametrize("mode", ["1", "L"])
def test_one_bit_and_gray_jpeg_are_gray(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("a.png" if mode == "1" else "a.jpg")
    Image.new(mode, (16, 8), 255).save(path)
    picture = read_picture(path)
    assert picture.gray
    np.testing.assert_array_equal(picture.rgb, np.full((8, 16, 3), 255))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("kind", ["png", "tiff"])
def test_16_bits(tmp_path: Path, kind: str, channels: int) -> None:
    pixels = noise(5, 7, channels, np.uint16) | 1
    path = tmp_path / f"a.{kind}"
    if kind == "png":
        path.write_bytes(deep_png(pixels))
    else:
        write_deep_tiff(path, pixels)
    picture = read_picture(path)
    colours = 1 if channels < 3 else 3
    assert picture.rgb.dtype == np.uint16
    np.testing.assert_array_equal(picture.rgb, np.broadcast_to(pixels[..., :colours], (5, 7, 3)))
    assert picture.gray == (channels < 3)
    if channels in (2, 4):
        np.testing.assert_array_equal(picture.alpha, pixels[..., -1])


def test_depth_is_the_files_not_the_values(tmp_path: Path) -> None:
    path = tmp_path / "dark.png"
    path.write_bytes(deep_png(noise(5, 7, 3).astype(np.uint16)))
    assert read_picture(path).rgb.dtype == np.uint16


def test_palette(tmp_path: Path) -> None:
    image = Image.fromarray(noise(5, 7, 3)).quantize(16)
    image.save(tmp_path / "a.png")
    picture = read_picture(tmp_path / "a.png")
    np.testing.assert_array_equal(picture.rgb, np.asarray(image.convert("RGB")))
    assert picture.alpha is None
    assert not picture.gray


@pytest.mark.parametrize("kind", ["tiff", "bmp"])
def test_palette_elsewhere(tmp_path: Path, kind: str) -> None:
    image = Image.fromarray(noise(5, 7, 3)).quantize(16)
    image.save(tmp_path / f"a.{kind}")
    expected = np.asarray(image.convert("RGB"))
    np.testing.assert_array_equal(read_picture(tmp_path / f"a.{kind}").rgb, expected)


@pytest.mark.parametrize("transparency", [0, b"\0\x80"], ids=["index", "table"])
def test_palette_with_transparency(tmp_path: Path, transparency: Any) -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([9, 8, 7, 6, 5, 4])
    image.putdata([0, 1])
    image.save(tmp_path / "a.png", transparency=transparency)
    picture = read_picture(tmp_path / "a.png")
    half = 255 if transparency == 0 else 128
    np.testing.assert_array_equal(picture.alpha, [[0, half]])
    np.testing.assert_array_equal(picture.rgb[0, 1], [6, 5, 4])


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_transparent_gray_value(tmp_path: Path, depth: int) -> None:
    # The first pixel has the value 1, which is the transparent one; the second has 0.
    row = struct.pack(">HH", 1, 0) if depth == 16 else bytes([1 << 8 - depth, 0])
    data = png(2, 1, depth, 0, b"\0" + row, chunk(b"tRNS", struct.pack(">H", 1)))
    (tmp_path / "a.png").write_bytes(data)
    picture = read_picture(tmp_path / "a.png")
    top = np.iinfo(picture.rgb.dtype).max
    assert picture.gray
    np.testing.assert_array_equal(picture.alpha, [[0, top]])


@pytest.mark.parametrize("deep", [False, True])
def test_transparent_colour(tmp_path: Path, deep: bool) -> None:
    row = struct.pack(">6H" if deep else ">6B", 1, 2, 3, 4, 5, 6)
    mark = chunk(b"tRNS", struct.pack(">3H", 4, 5, 6))
    (tmp_path / "a.png").write_bytes(png(2, 1, 16 if deep else 8, 2, b"\0" + row, mark))
    picture = read_picture(tmp_path / "a.png")
    np.testing.assert_array_equal(picture.alpha, [[65535 if deep else 255, 0]])
    np.testing.assert_array_equal(picture.rgb[0, 0], [1, 2, 3])


@pytest.mark.parametrize("kind", ["jpg", "tiff"])
def test_cmyk_is_converted_and_loses_its_profile(tmp_path: Path, kind: str) -> None:
    image = Image.new("CMYK", (16, 8), (0, 255, 255, 0))
    image.save(tmp_path / f"a.{kind}", icc_profile=b"\0" * 128)
    picture = read_picture(tmp_path / f"a.{kind}")
    expected = np.asarray(image.convert("RGB"))
    assert np.abs(picture.rgb.astype(int) - expected).max() <= 2
    assert picture.icc is None
    assert picture.notes == ("it was converted from CMYK to RGB, and its ICC profile left out",)


@pytest.mark.parametrize("kind", ["jpg", "tiff"])
def test_cmyk_without_a_profile_loses_none(tmp_path: Path, kind: str) -> None:
    Image.new("CMYK", (16, 8)).save(tmp_path / f"a.{kind}")
    picture = read_picture(tmp_path / f"a.{kind}")
    assert picture.notes == ("it was converted from CMYK to RGB",)


def test_white_is_zero_tiff(tmp_path: Path) -> None:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[262] = 0
    pixels = noise(5, 7, 1)
    # Pillow inverts what it writes then, so the picture stays what it is.
    read = read_picture(save(tmp_path / "a.tiff", pixels, tiffinfo=tags))
    np.testing.assert_array_equal(read.rgb[..., 0], pixels[..., 0])


def test_extra_channel_of_unknown_meaning_is_no_alpha(tmp_path: Path) -> None:
    image = Image.fromarray(noise(5, 7, 3)).convert("RGBX")
    image.save(tmp_path / "a.tiff")
    picture = read_picture(tmp_path / "a.tiff")
    assert picture.alpha is None
    np.testing.assert_array_equal(picture.rgb, noise(5, 7, 3))


@pytest.mark.parametrize("kind", ["png", "webp", "tiff"])
def test_first_of_several_pictures(tmp_path: Path, kind: str) -> None:
    first, second = Image.fromarray(noise(5, 7, 3)), Image.fromarray(255 - noise(5, 7, 3))
    options = LOSSLESS[kind]
    first.save(tmp_path / f"a.{kind}", save_all=True, append_images=[second], **options)
    picture = read_picture(tmp_path / f"a.{kind}")
    np.testing.assert_array_equal(picture.rgb, noise(5, 7, 3))
    assert picture.notes == ("it holds 2 pictures; only the first was used",)


def test_content_decides_not_the_name(tmp_path: Path) -> None:
    save(tmp_path / "a.jpg", noise(5, 7, 3), format="PNG")
    picture = read_picture(tmp_path / "a.jpg")
    assert picture.format == "png"
    np.testing.assert_array_equal(picture.rgb, noise(5, 7, 3))


@pytest.mark.parametrize("name", ["a[page=1].tif", "ä ö.tif", "b[0]{1}.tif"])
def test_odd_names_of_tiff_files(tmp_path: Path, name: str) -> None:
    save(tmp_path / name, noise(5, 7, 3))
    np.testing.assert_array_equal(read_picture(tmp_path / name).rgb, noise(5, 7, 3))


@pytest.mark.parametrize("kind", ["png", "tiff"])
def test_changed_file_is_read_anew(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    for channels in (1, 2):
        pixels = noise(5, 7, channels, np.uint16)[..., -1:]
        if kind == "png":
            path.write_bytes(deep_png(pixels))
        else:
            write_deep_tiff(path, pixels)
        np.testing.assert_array_equal(read_picture(path).rgb[..., 0], pixels[..., 0])


@pytest.mark.parametrize("kind", ["png", "webp", "tiff", "bmp", "jpg"])
def test_pillows_own_limit_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    path = save(tmp_path / f"a.{kind}", noise(20, 20, 3), **LOSSLESS.get(kind, {}))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert read_picture(path).size == (20, 20)
    assert Image.MAX_IMAGE_PIXELS == 100


def test_webp_beyond_pillows_limit_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(tmp_path / "a.webp", noise(20, 20, 4) | 1, **LOSSLESS["webp"])
    usual = read_picture(path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    other = read_picture(path)
    np.testing.assert_array_equal(other.rgb, usual.rgb)
    np.testing.assert_array_equal(other.alpha, usual.alpha)


def test_hidden_colours_are_filled(tmp_path: Path) -> None:
    pixels = np.zeros((3, 4, 4), dtype=np.uint8)
    pixels[:, :2] = (10, 200, 30, 255)
    picture = read_picture(save(tmp_path / "a.png", pixels))
    np.testing.assert_array_equal(picture.rgb, np.broadcast_to([10, 200, 30], (3, 4, 3)))
    np.testing.assert_array_equal(picture.alpha, pixels[..., 3])


def test_mpo_of_a_telephone_is_a_jpeg(tmp_path: Path) -> None:
    Image.init()
    if "MPO" not in Image.SAVE_ALL:
        pytest.skip("Pillow before 9.3 writes no MPO")
    image = Image.fromarray(noise(16, 16, 3))
    stream = io.BytesIO()
    image.save(stream, "MPO", save_all=True, append_images=[image])
    (tmp_path / "a.jpg").write_bytes(stream.getvalue())
    assert read_picture(tmp_path / "a.jpg").size == (16, 16)


def test_without_pyvips_the_message_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.png").write_bytes(deep_png(noise(5, 7, 3, np.uint16)))
    monkeypatch.setitem(sys.modules, "pyvips", None)
    with pytest.raises(InputError, match=r"a\.png needs pyvips.*pip install 'pyvips\[binary\]'"):
        read_picture(tmp_path / "a.png")


def test_size_is_height_and_width(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", noise(5, 7, 3))
    assert read_picture(str(path)).size == (5, 7)
    assert read_picture(path).path == path
