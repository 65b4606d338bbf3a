"""What each format makes of a picture."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from support.picture_files import exif, noise

from pcsr_edge.errors import OutputError, UsageError
from pcsr_edge.runtime.images import Picture, check_target, read_picture, rejoin, write_picture


def made(channels: int, dtype: Any = np.uint8, height: int = 5, width: int = 7) -> Picture:
    pixels = noise(height, width, channels, dtype) | 1
    gray = channels in (1, 2)
    rgb = np.repeat(pixels[..., :1], 3, axis=2) if gray else pixels[..., :3].copy()
    return Picture(rgb, gray, pixels[..., -1].copy() if channels in (2, 4) else None)


def assert_same(first: Picture, second: Picture) -> None:
    assert (first.gray, first.rgb.dtype) == (second.gray, second.rgb.dtype)
    np.testing.assert_array_equal(first.rgb, second.rgb)
    np.testing.assert_array_equal(first.alpha, second.alpha)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("name", ["a.png", "a.tiff", "a.TIF"])
def test_lossless_formats_return_what_they_got(
    tmp_path: Path, name: str, dtype: Any, channels: int
) -> None:
    picture = made(channels, dtype)
    assert write_picture(picture, tmp_path / name) == ()
    assert_same(read_picture(tmp_path / name), picture)


@pytest.mark.parametrize("channels", [1, 3])
def test_bmp(tmp_path: Path, channels: int) -> None:
    picture = made(channels)
    assert write_picture(picture, tmp_path / "a.bmp") == ()
    assert_same(read_picture(tmp_path / "a.bmp"), picture)


def smooth(channels: int) -> Picture:
    ramp = np.add.outer(np.arange(32) * 3, np.arange(48) * 2).astype(np.uint8)
    rgb = np.stack([ramp] * 3 if channels in (1, 2) else [ramp, ramp[::-1], 255 - ramp], axis=2)
    return Picture(rgb, channels in (1, 2), ramp | 1 if channels in (2, 4) else None)


@pytest.mark.parametrize(("name", "channels"), [("a.jpg", 1), ("a.jpeg", 3), ("a.webp", 3)])
def test_lossy_formats_stay_near(tmp_path: Path, name: str, channels: int) -> None:
    picture = smooth(channels)
    assert write_picture(picture, tmp_path / name) == ()
    result = read_picture(tmp_path / name)
    assert result.gray == picture.gray
    assert np.abs(result.rgb.astype(int) - picture.rgb).max() <= 8


@pytest.mark.parametrize("channels", [2, 4])
def test_webp_keeps_alpha_exactly(tmp_path: Path, channels: int) -> None:
    picture = smooth(channels)
    assert write_picture(picture, tmp_path / "a.webp") == ()
    np.testing.assert_array_equal(read_picture(tmp_path / "a.webp").alpha, picture.alpha)


def test_jpeg_chroma_is_not_subsampled(tmp_path: Path) -> None:
    columns = np.tile(np.array([[[255, 0, 0], [0, 0, 255]]], np.uint8), (16, 8, 1))
    write_picture(Picture(columns), tmp_path / "a.jpg")
    result = read_picture(tmp_path / "a.jpg").rgb.astype(int)
    assert np.abs(result - columns).max() < 40


@pytest.mark.parametrize("name", ["a.jpg", "a.bmp"])
def test_transparency_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match=r"transparency.*choose png, webp or tiff"):
        write_picture(made(4), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "title"), [("a.jpg", "JPEG"), ("a.webp", "WebP"), ("a.bmp", "BMP")]
)
def test_16_bits_are_rounded_with_a_note(tmp_path: Path, name: str, title: str) -> None:
    picture = Picture(np.full((16, 16, 3), 128 * 257 + 100, np.uint16))
    notes = write_picture(picture, tmp_path / name)
    assert notes == (f"it was rounded from 16 to 8 bits per channel, the most {title} holds",)
    assert (read_picture(tmp_path / name).rgb == 128).all()


def test_16_bit_alpha_is_rounded_too(tmp_path: Path) -> None:
    alpha = np.full((16, 16), 100 * 257, np.uint16)
    write_picture(Picture(np.zeros((16, 16, 3), np.uint16), alpha=alpha), tmp_path / "a.webp")
    np.testing.assert_array_equal(read_picture(tmp_path / "a.webp").alpha, np.full((16, 16), 100))


@pytest.mark.parametrize(
    ("name", "side", "limit", "others"),
    [
        ("a.webp", 16384, 16383, "choose png, jpg or tiff$"),
        ("a.jpg", 65501, 65500, "choose png or tiff$"),
    ],
)
def test_too_long_sides_are_refused(
    tmp_path: Path, name: str, side: int, limit: int, others: str
) -> None:
    with pytest.raises(OutputError, match=f"holds at most {limit} on a side; {others}"):
        write_picture(Picture(np.zeros((1, side, 3), np.uint8)), tmp_path / name)
    with pytest.raises(OutputError, match=f"1x{side} pixels"):
        check_target(made(3), tmp_path / name, size=(side, 1))


@pytest.mark.parametrize(("name", "side"), [("a.webp", 16383), ("a.jpg", 65500)])
def test_longest_sides_work(tmp_path: Path, name: str, side: int) -> None:
    write_picture(Picture(np.zeros((1, side, 3), np.uint8)), tmp_path / name)
    assert read_picture(tmp_path / name).size == (1, side)


def test_chosen_format_wins_over_the_suffix(tmp_path: Path) -> None:
    write_picture(made(3), tmp_path / "a.jpg", format="png")
    assert read_picture(tmp_path / "a.jpg").format == "png"


@pytest.mark.parametrize("name", ["a", "a.gif", "a.txt"])
def test_name_without_a_format(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="tells no picture format"):
        write_picture(made(3), tmp_path / name)
    write_picture(made(3), tmp_path / name, format="png")
    assert read_picture(tmp_path / name).format == "png"


def test_unknown_format(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="unknown format 'gif'; choose one of auto, png"):
        write_picture(made(3), tmp_path / "a.png", format="gif")


def test_existing_file_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"mine")
    with pytest.raises(OutputError, match="--overwrite replaces it, --skip-existing"):
        write_picture(made(3), tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == b"mine"


def test_existing_file_is_replaced_when_wanted(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"mine")
    write_picture(made(3), tmp_path / "a.png", overwrite=True)
    assert read_picture(tmp_path / "a.png").size == (5, 7)


@pytest.mark.parametrize("link", ["same", "symbolic", "hard"])
def test_input_is_never_replaced(tmp_path: Path, link: str) -> None:
    source = tmp_path / "a.png"
    write_picture(made(3), source)
    content = source.read_bytes()
    target = {"same": source}.get(link, tmp_path / "b.png")
    if link == "symbolic":
        target.symlink_to(source)
    elif link == "hard":
        target.hardlink_to(source) if hasattr(target, "hardlink_to") else source.link_to(target)
    with pytest.raises(UsageError, match="is the input itself"):
        write_picture(rejoin(read_picture(source), noise(20, 28, 3)), target, overwrite=True)
    assert source.read_bytes() == content


def test_folders_are_made(tmp_path: Path) -> None:
    write_picture(made(3), tmp_path / "new" / "newer" / "a.png")
    assert (tmp_path / "new" / "newer" / "a.png").is_file()


def test_check_tells_the_format_and_writes_nothing(tmp_path: Path) -> None:
    assert check_target(made(3), tmp_path / "new" / "a.webp").name == "webp"
    assert list(tmp_path.iterdir()) == []


def test_encoder_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(Image.Image, "save", fail)
    with pytest.raises(OutputError, match="cannot be encoded as PNG: broken"):
        write_picture(made(3), tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []


def test_without_pyvips_the_message_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyvips", None)
    with pytest.raises(OutputError, match=r"a\.png needs pyvips.*pip install 'pyvips\[binary\]'"):
        write_picture(made(3, np.uint16), tmp_path / "a.png")


def test_damaged_exif_of_a_caller_is_an_error(tmp_path: Path) -> None:
    picture = Picture(noise(5, 7, 3), exif=b"garbage")
    with pytest.raises(OutputError, match="cannot be encoded as TIFF"):
        write_picture(picture, tmp_path / "a.tiff")


@settings(max_examples=30)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 4), st.booleans(), st.booleans())
def test_any_size_survives(
    tmp_path_factory: pytest.TempPathFactory,
    height: int,
    width: int,
    channels: int,
    deep: bool,
    tiff: bool,
) -> None:
    picture = made(channels, np.uint16 if deep else np.uint8, height, width)
    path = tmp_path_factory.getbasetemp() / ("any.tiff" if tiff else "any.png")
    write_picture(picture, path, overwrite=True)
    assert_same(read_picture(path), picture)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.tiff"])
def test_whole_way(tmp_path: Path, name: str) -> None:
    Image.fromarray(smooth(3).rgb).save(tmp_path / name, exif=exif(orientation=6))
    picture = read_picture(tmp_path / name)
    sr = picture.rgb.repeat(2, axis=0).repeat(2, axis=1)
    write_picture(rejoin(picture, sr), tmp_path / "out" / name)
    assert read_picture(tmp_path / "out" / name).size == (96, 64)


@pytest.mark.parametrize(
    ("name", "channels", "width", "others"),
    [
        ("a.webp", 4, 16384, "choose png or tiff$"),
        ("a.jpg", 4, 16384, "choose png or tiff$"),
        ("a.jpg", 4, 100, "choose png, webp or tiff$"),
        ("a.png", 3, 2**31, "give a smaller scale or size$"),
    ],
)
def test_only_formats_that_hold_the_result_are_proposed(
    tmp_path: Path, name: str, channels: int, width: int, others: str
) -> None:
    with pytest.raises(OutputError, match=others):
        check_target(made(channels), tmp_path / name, size=(1, width))
