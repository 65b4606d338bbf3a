"""Files that cannot be read: each gives one clear sentence."""

from __future__ import annotations

import io
import os
import re
import struct
from pathlib import Path
from typing import Any, Dict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile
from support.picture_files import deep_png, noise, png, write_deep_tiff

from pcsr_edge.errors import InputError
from pcsr_edge.runtime.images import MAX_PIXELS, read_picture

FORMATS: Dict[str, Dict[str, Any]] = {
    "PNG": {},
    "JPEG": {"quality": 95},
    "WEBP": {"lossless": True},
    "TIFF": {},
    "TIFF-deflate": {"compression": "tiff_adobe_deflate"},
    "BMP": {},
}


def encoded(name: str) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(noise(40, 60, 3)).save(stream, name.partition("-")[0], **FORMATS[name])
    return stream.getvalue()


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        read_picture(path, **options)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message


@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("name", FORMATS)
def test_cut_off(tmp_path: Path, name: str, part: float) -> None:
    data = encoded(name)
    (tmp_path / "a.x").write_bytes(data[: int(len(data) * part)])
    assert "damaged, cut off" in refusal(tmp_path / "a.x")


@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("kind", ["png", "tiff"])
def test_cut_off_16_bits(tmp_path: Path, kind: str, part: float) -> None:
    path = tmp_path / f"a.{kind}"
    pixels = noise(40, 60, 3, np.uint16)
    if kind == "png":
        path.write_bytes(deep_png(pixels))
    else:
        write_deep_tiff(path, pixels)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * part)])
    assert "damaged, cut off" in refusal(path)


def test_pillow_is_not_told_to_pad() -> None:
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def test_missing(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "a.png")


def test_folder(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path)


def test_empty(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    assert "is empty" in refusal(tmp_path / "a.png")


def test_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert "cannot be opened: Not a directory" in refusal(tmp_path / "a" / "b.png")


@pytest.mark.parametrize("content", [b"hello, world\n", b"G", b"RIFF1234WAVEfmt ", b"GIF89a" * 9])
def test_no_picture(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)
    assert "is no picture that can be read" in refusal(tmp_path / "a.png")


@pytest.mark.parametrize("magic", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"BM"])
def test_magic_and_nothing_else(tmp_path: Path, magic: bytes) -> None:
    (tmp_path / "a.png").write_bytes(magic)
    assert "damaged, cut off" in refusal(tmp_path / "a.png")


@pytest.mark.parametrize("depth", [8, 16])
def test_no_pixels(tmp_path: Path, depth: int) -> None:
    (tmp_path / "a.png").write_bytes(png(0, 5, depth, 2, b""))
    assert "holds no pixels: its size is 0x5" in refusal(tmp_path / "a.png")


def test_permission_denied(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded("PNG"))
    (tmp_path / "a.png").chmod(0)
    if os.access(tmp_path / "a.png", os.R_OK):
        pytest.skip("this user may read everything")
    assert "Permission denied" in refusal(tmp_path / "a.png")


def test_permission_denied_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert "cannot be opened: Permission denied" in refusal(tmp_path / "a.png")


@pytest.mark.parametrize("mode", ["F", "I"])
def test_float_and_32_bit_tiff(tmp_path: Path, mode: str) -> None:
    Image.new(mode, (4, 4)).save(tmp_path / "a.tiff")
    assert "expected gray or RGB with 8 or 16 bits per channel" in refusal(tmp_path / "a.tiff")


def bomb(name: str) -> bytes:
    """Return a small file of 4 x 4 pixels whose header claims some 270 million."""
    if name.startswith("png"):
        return png(16384, 16384, 16 if name == "png16" else 8, 2, b"")
    if name == "webp":
        # Extended format: canvas width and height less one, 3 bytes each.
        chunk = b"VP8X" + struct.pack("<I", 10) + bytes(4) + b"\xff\x3f\0\xff\x3f\0"
        return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk
    stream = io.BytesIO()
    image = Image.new("RGB", (4, 4))
    if name == "tiff":
        image.save(stream, "TIFF")
        data = stream.getvalue()
        # Entries of the tags 256 and 257: one LONG or SHORT of the value 4.
        pattern = rb"([\x00\x01]\x01)[\x03\x04]\x00\x01\x00\x00\x00\x04\x00\x00\x00"
        claim = b"\x04\x00\x01\x00\x00\x00\x00\x40\x00\x00"
        return re.sub(pattern, lambda match: match.group(1) + claim, data)
    image.save(stream, "JPEG" if name == "jpg" else "BMP")
    data = bytearray(stream.getvalue())
    if name == "jpg":
        frame = data.index(b"\xff\xc0")
        data[frame + 5 : frame + 9] = struct.pack(">HH", 16384, 16384)
    else:
        data[18:26] = struct.pack("<ii", 16384, 16384)
    return bytes(data)


@pytest.mark.parametrize("name", ["png", "png16", "jpg", "webp", "tiff", "bmp"])
def test_bomb_is_refused_by_its_header(tmp_path: Path, name: str) -> None:
    # Decoding it first would end in another message: all these files are cut off.
    (tmp_path / "a.x").write_bytes(bomb(name))
    message = refusal(tmp_path / "a.x")
    assert "claims 16384x16384 pixels, 268,435,456 together" in message
    assert "limit is 100,000,000;" in message
    assert "--max-pixels" in message


def test_limit_is_exact(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded("PNG"))
    with pytest.raises(InputError, match="2,400 together, and the limit is 2,399;"):
        read_picture(tmp_path / "a.png", max_pixels=2399)
    assert read_picture(tmp_path / "a.png", max_pixels=2400).size == (40, 60)
    assert "limit" in refusal(tmp_path / "a.png", max_pixels=2399)
    assert MAX_PIXELS == 100_000_000


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=40)
@given(data=st.data())
def test_flipped_bytes_give_a_picture_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    content = bytearray(encoded(name))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, min(len(content), 400) - 1))] = data.draw(
            st.integers(0, 255)
        )
    path = tmp_path_factory.getbasetemp() / "flipped"
    path.write_bytes(content)
    try:
        picture = read_picture(path, max_pixels=100_000)
    except InputError:
        return
    assert picture.rgb.shape == (*picture.size, 3)
