"""Picture files made on the spot, also those that Pillow cannot make."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyvips
from PIL import Image, ImageCms

Pixels = npt.NDArray[Any]

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
GRAY_PROFILE = SRGB[:16] + b"GRAY" + SRGB[20:]
CMYK_PROFILE = SRGB[:16] + b"CMYK" + SRGB[20:]

_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
_INTERPRETATIONS = {1: "grey16", 2: "grey16", 3: "rgb16", 4: "rgb16"}


def noise(height: int, width: int, channels: int, dtype: Any = np.uint8) -> Pixels:
    """Return (height, width, channels) of the full range, the same each time."""
    rng = np.random.RandomState(height * 7 + width * 3 + channels)
    return rng.randint(0, int(np.iinfo(dtype).max) + 1, (height, width, channels)).astype(dtype)


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return one chunk of a PNG file."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *chunks: bytes) -> bytes:
    """Return a PNG file; `rows` is the filtered content, `chunks` go before it."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(rows))
    body = chunk(b"IHDR", head) + b"".join(chunks) + data + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def deep_png(pixels: Pixels, *chunks: bytes) -> bytes:
    """Return a PNG file of uint16 (h, w, C)."""
    height, width, channels = pixels.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    return png(width, height, 16, _COLOUR_TYPES[channels], rows, *chunks)


def write_deep_tiff(path: Path, pixels: Pixels) -> None:
    """Write uint16 (h, w, C) by libvips."""
    height, width, channels = pixels.shape
    image = pyvips.Image.new_from_memory(pixels.tobytes(), width, height, channels, "ushort")
    image.copy(interpretation=_INTERPRETATIONS[channels]).tiffsave(str(path))


def exif(orientation: int = 1, size: tuple = (2, 3)) -> bytes:  # type: ignore[type-arg]
    """Return EXIF with a maker, the orientation, an exposure time and the size (h, w)."""
    block = Image.Exif()
    block[0x010F] = "Maker"
    block[0x0112] = orientation
    block[0x8769] = {0x829A: 0.5, 0xA002: size[1], 0xA003: size[0]}
    return block.tobytes()
