"""The TIFF writer, as other readers see its files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from support.picture_files import exif, noise

from pcsr_edge.errors import OutputError
from pcsr_edge.runtime.images import tiff
from pcsr_edge.runtime.images.tiff import encode_tiff, read_tags

PATH = Path("a.tiff")


def big_endian_exif() -> bytes:
    block = Image.Exif()
    block.endian = ">"
    block[0x010F] = "A maker of a long name"
    return block.tobytes()[6:]


@pytest.mark.parametrize("block", [None, exif()[6:], big_endian_exif()], ids=["none", "II", "MM"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_pillow_reads_8_bits(tmp_path: Path, channels: int, block: Any) -> None:
    pixels = noise(50, 70, channels)
    (tmp_path / "a.tiff").write_bytes(encode_tiff(PATH, pixels, None, block))
    with Image.open(tmp_path / "a.tiff") as image:
        np.testing.assert_array_equal(np.asarray(image), pixels.squeeze())
        assert image.mode == {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels]


@pytest.mark.parametrize("block", [None, big_endian_exif()], ids=["II", "MM"])
def test_pillow_reads_16_bit_gray(tmp_path: Path, block: Any) -> None:
    pixels = noise(50, 70, 1, np.uint16)
    (tmp_path / "a.tiff").write_bytes(encode_tiff(PATH, pixels, None, block))
    with Image.open(tmp_path / "a.tiff") as image:
        np.testing.assert_array_equal(np.asarray(image), pixels[..., 0])


def test_many_strips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiff, "_STRIP_BYTES", 1000)
    pixels = noise(50, 70, 3)
    (tmp_path / "a.tiff").write_bytes(encode_tiff(PATH, pixels, b"icc", None))
    with Image.open(tmp_path / "a.tiff") as image:
        np.testing.assert_array_equal(np.asarray(image), pixels)
        assert len(image.tag_v2[273]) == 13
        assert image.info["icc_profile"] == b"icc"


def test_tags_of_the_source_pixels_are_not_carried(tmp_path: Path) -> None:
    Image.fromarray(noise(5, 7, 1)[..., 0]).save(tmp_path / "a.tiff", description="text")
    block = read_tags(tmp_path / "a.tiff").exif
    (tmp_path / "b.tiff").write_bytes(encode_tiff(PATH, noise(9, 11, 3), None, block))
    with Image.open(tmp_path / "b.tiff") as image:
        assert image.tag_v2[270] == "text"
        assert (image.size, image.mode) == ((11, 9), "RGB")


def test_entry_that_points_outside_is_left_out(tmp_path: Path) -> None:
    block = bytearray(big_endian_exif())
    # The count of the only entry, some 23 characters, becomes a million.
    block[14:18] = (10**6).to_bytes(4, "big")
    (tmp_path / "a.tiff").write_bytes(encode_tiff(PATH, noise(5, 7, 3), None, bytes(block)))
    with Image.open(tmp_path / "a.tiff") as image:
        np.testing.assert_array_equal(np.asarray(image), noise(5, 7, 3))
        assert 0x010F not in image.tag_v2


def test_more_than_4_gb_are_refused() -> None:
    class Huge(bytes):
        def __len__(self) -> int:
            return 2**32

    with pytest.raises(OutputError, match="4 GB"):
        encode_tiff(PATH, noise(5, 7, 3), Huge(), None)


def test_big_tiff_has_unreadable_tags(tmp_path: Path) -> None:
    (tmp_path / "a.tiff").write_bytes(b"II+\0\x08\0\0\0" + bytes(20))
    tags = read_tags(tmp_path / "a.tiff")
    assert tags.exif is None
    assert "cannot be read" in tags.notes[0]
