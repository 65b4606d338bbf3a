"""XMP on the way from file to file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from support.picture_files import exif, noise

from pcsr_edge.runtime.images import Picture, read_picture, write_picture
from pcsr_edge.runtime.images.xmp import sized_xmp, upright_xmp

PACKET = (
    b'<?xpacket begin="\xef\xbb\xbf"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:Description dc:title="caf\xc3\xa9" tiff:Orientation="1"/>'
    b"</x:xmpmeta><?xpacket end='w'?>"
)
HOLDING = ["png", "jpg", "tiff", "webp"]


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("source", HOLDING)
@pytest.mark.parametrize("target", HOLDING)
def test_it_is_carried(tmp_path: Path, source: str, target: str, depth: Any) -> None:
    write_picture(Picture(noise(8, 16, 3, depth), xmp=PACKET), tmp_path / f"a.{source}")
    picture = read_picture(tmp_path / f"a.{source}")
    assert picture.xmp == PACKET
    write_picture(picture, tmp_path / f"b.{target}")
    assert read_picture(tmp_path / f"b.{target}").xmp == PACKET


@pytest.mark.parametrize("target", ["png", "jpg"])
def test_exif_and_profile_stay_beside_it(tmp_path: Path, target: str) -> None:
    picture = Picture(noise(8, 16, 3), exif=exif()[6:], xmp=PACKET, dpi=(300, 300))
    write_picture(picture, tmp_path / f"a.{target}")
    with Image.open(tmp_path / f"a.{target}") as image:
        image.load()
        assert image.getexif()[0x010F] == "Maker"
        assert round(image.info["dpi"][0]) == 300


@pytest.mark.parametrize("target", HOLDING)
def test_other_readers_find_it(tmp_path: Path, target: str) -> None:
    write_picture(Picture(noise(8, 16, 3), xmp=PACKET), tmp_path / f"a.{target}")
    with Image.open(tmp_path / f"a.{target}") as image:
        image.load()
        if not hasattr(image, "getxmp"):
            pytest.skip("this Pillow reads no XMP here")
        packet = image.info.get("xmp", image.info.get("XML:com.adobe.xmp"))
        packet = image.tag_v2[700] if target == "tiff" else packet
    assert packet in (PACKET, PACKET.decode())


def test_orientation_is_reset_in_both_spellings() -> None:
    packet = b"<a tiff:Orientation='6'/><tiff:Orientation>8</tiff:Orientation> Orientation=6"
    reset = b"<a tiff:Orientation='1'/><tiff:Orientation>1</tiff:Orientation> Orientation=6"
    assert upright_xmp(packet) == reset


def test_size_is_set_where_it_is_stated() -> None:
    packet = b'<a tiff:ImageWidth="5" exif:PixelYDimension = "7"/><tiff:ImageLength>7</a>'
    sized = b'<a tiff:ImageWidth="28" exif:PixelYDimension = "20"/><tiff:ImageLength>20</a>'
    assert sized_xmp(packet, (20, 28)) == sized


def test_a_turned_picture_is_written_upright(tmp_path: Path) -> None:
    turned = PACKET.replace(b'Orientation="1"', b'Orientation="6"')
    write_picture(Picture(noise(8, 16, 3), xmp=turned), tmp_path / "a.png")
    assert read_picture(tmp_path / "a.png").xmp == PACKET


def test_bmp_cannot_hold_it(tmp_path: Path) -> None:
    notes = write_picture(Picture(noise(8, 16, 3), xmp=PACKET), tmp_path / "a.bmp")
    assert notes == ("its XMP was left out: BMP cannot hold it",)


@pytest.mark.parametrize(("length", "fits"), [(65504, True), (65505, False)])
def test_the_longest_packet_of_a_jpeg(tmp_path: Path, length: int, fits: bool) -> None:
    picture = Picture(noise(8, 16, 3), xmp=PACKET.ljust(length))
    notes = write_picture(picture, tmp_path / "a.jpg")
    assert (notes == ()) == fits
    assert read_picture(tmp_path / "a.jpg").xmp == (picture.xmp if fits else None)


def test_the_extension_of_a_jpeg_is_left_out_with_a_note(tmp_path: Path) -> None:
    write_picture(Picture(noise(8, 16, 3), xmp=PACKET), tmp_path / "a.jpg")
    data = (tmp_path / "a.jpg").read_bytes()
    more = b"http://ns.adobe.com/xmp/extension/\0" + b"x" * 40
    segment = b"\xff\xe1" + (len(more) + 2).to_bytes(2, "big") + more
    (tmp_path / "a.jpg").write_bytes(data[:20] + segment + data[20:])
    picture = read_picture(tmp_path / "a.jpg")
    assert picture.xmp == PACKET
    assert picture.notes == ("the extension of its XMP was left out",)
