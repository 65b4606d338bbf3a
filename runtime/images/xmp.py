"""XMP as bytes: orientation and size are set, everything else stays as it was."""

from __future__ import annotations

import re
from typing import Tuple

# A property is an attribute, `tiff:Orientation="6"`, or an element, `<tiff:Orientation>6</…`.
_VALUE = rb"(?:\s*=\s*[\"']|>)\s*)\d+"
_ORIENTATION = re.compile(rb"(tiff:Orientation" + _VALUE)
_WIDTH = re.compile(rb"((?:tiff:ImageWidth|exif:PixelXDimension)" + _VALUE)
_HEIGHT = re.compile(rb"((?:tiff:ImageLength|exif:PixelYDimension)" + _VALUE)


def upright_xmp(xmp: bytes) -> bytes:
    """Return the packet, saying that the pixels are upright."""
    return _ORIENTATION.sub(rb"\g<1>1", xmp)


def sized_xmp(xmp: bytes, size: Tuple[int, int]) -> bytes:
    """Return the packet with the pixel dimensions of a picture of `size` (h, w)."""
    xmp = _HEIGHT.sub(rb"\g<1>%d" % size[0], xmp)
    return _WIDTH.sub(rb"\g<1>%d" % size[1], xmp)
