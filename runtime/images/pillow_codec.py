"""Pillow: reads JPEG, WebP, BMP and most PNG, and writes 8 bits per channel."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, BinaryIO, Callable, Dict, Optional, Tuple

import numpy as np
from PIL import BmpImagePlugin, Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from pcsr_edge.errors import InputError
from pcsr_edge.runtime.images.decoded import Decoded, Dpi, cmyk_note, dpi_of, frames_note
from pcsr_edge.runtime.images.embedding import XMP_IN_JPEG
from pcsr_edge.runtime.images.exif import PREFIX
from pcsr_edge.runtime.images.header import Header, check_size
from pcsr_edge.runtime.images.planes import Pixels

# Not Image.open: it compares the size with a global limit of the process, and changing that
# would change it for every other user of Pillow in the process, in every thread.
_READERS: Dict[str, Callable[[BinaryIO], Any]] = {
    "png": PngImagePlugin.PngImageFile,
    "jpg": JpegImagePlugin.JpegImageFile,
    "webp": WebPImagePlugin.WebPImageFile,
    "bmp": BmpImagePlugin.BmpImageFile,
}
_GRAY_MODES = frozenset(["1", "L", "LA"])
_COLOUR_MODES = frozenset(["P", "PA", "RGB", "RGBA", "CMYK"])
_ALPHA_MODES = frozenset(["LA", "PA", "RGBA"])

_JPEGS = frozenset(["JPEG", "MPO"])
_INCHES_PER_JFIF_UNIT = {1: 1.0, 2: 2.54}
_MORE_XMP_IN_JPEG = b"http://ns.adobe.com/xmp/extension/\0"

_WRITERS: Dict[str, Dict[str, Any]] = {
    # Photographs: level 3 takes half the time of level 6 and 2 % more space.
    "png": {"format": "PNG", "compress_level": 3},
    # Without subsampling: halved chroma would undo what the upscaler made of colour edges.
    "jpg": {"format": "JPEG", "quality": 95, "subsampling": 0},
    # Not lossless: on photographs that takes 4 times as long and 2.5 times the space; for every
    # bit there is PNG. The alpha plane is stored without loss.
    "webp": {"format": "WEBP", "quality": 95, "method": 4},
    "bmp": {"format": "BMP"},
}


def decode_with_pillow(stream: BinaryIO, path: Path, header: Header, max_pixels: int) -> Decoded:
    """Decode the first picture of `stream`.

    Raises:
        InputError: it claims too many pixels or has a colour mode that is not supported.
        Exception: whatever Pillow raises on a damaged file.
    """
    image = _READERS[header.format](stream)
    check_size(path, header, (image.height, image.width), max_pixels)
    image.load()
    notes = frames_note(getattr(image, "n_frames", 1))
    icc = image.info.get("icc_profile")
    if image.mode == "CMYK":
        icc, notes = None, (*notes, cmyk_note(icc))
    exif, (xmp, xmp_notes) = image.info.get("exif"), _xmp(image)
    return Decoded(_pixels(image, path), icc, exif, None, (*notes, *xmp_notes), xmp, _dpi(image))


def _xmp(image: Any) -> Tuple[Optional[bytes], Tuple[str, ...]]:
    if image.format not in _JPEGS:
        # The first is what older releases of Pillow call it in a PNG file.
        xmp = image.info.get("XML:com.adobe.xmp", image.info.get("xmp"))
        return (xmp.encode() if isinstance(xmp, str) else xmp), ()
    segments = [body for name, body in image.applist if name == "APP1"]
    packets = [body for body in segments if body.startswith(XMP_IN_JPEG)]
    more = any(body.startswith(_MORE_XMP_IN_JPEG) for body in segments)
    notes = ("the extension of its XMP was left out",) if more else ()
    return (packets[0][len(XMP_IN_JPEG) :] if packets else None), notes


def _dpi(image: Any) -> Optional[Dpi]:
    if image.format in _JPEGS:
        # Not "dpi": where the file states none, Pillow puts its EXIF's or a guess there.
        factor = _INCHES_PER_JFIF_UNIT.get(image.info.get("jfif_unit"))
        density = image.info.get("jfif_density")
        return None if not factor or not density else dpi_of(density[0], density[1], factor)
    dpi = image.info.get("dpi")
    return None if dpi is None else dpi_of(dpi[0], dpi[1])


def _pixels(image: Any, path: Path) -> Pixels:
    gray = image.mode in _GRAY_MODES
    if not gray and image.mode not in _COLOUR_MODES:
        raise InputError(
            f"{path} has the colour mode {image.mode}, which is not supported; convert it to RGB"
        )
    alpha = image.mode in _ALPHA_MODES or "transparency" in image.info
    pixels = np.asarray(image.convert("RGBA" if alpha else "RGB"))
    return pixels[..., [0, *range(3, pixels.shape[2])]] if gray else pixels


def cmyk_to_rgb(pixels: Pixels) -> Pixels:
    """Convert uint8 (h, w, 4) as Pillow does, without a profile."""
    height, width = pixels.shape[:2]
    image = Image.frombytes("CMYK", (width, height), pixels.tobytes())
    return np.asarray(image.convert("RGB"))


def encode_with_pillow(
    kind: str,
    pixels: Pixels,
    icc: Optional[bytes] = None,
    exif: Optional[bytes] = None,
    xmp: Optional[bytes] = None,
    dpi: Optional[Dpi] = None,
) -> bytes:
    """Encode uint8 (H, W, C) as `png`, `jpg`, `webp` or `bmp`.

    Of PNG only the profile is written here, of JPEG all but XMP; see `embedding`.
    """
    options = dict(_WRITERS[kind])
    if icc:
        options["icc_profile"] = icc
    if xmp and kind == "webp":
        options["xmp"] = xmp
    if dpi and kind in ("jpg", "bmp"):
        options["dpi"] = (round(dpi[0]), round(dpi[1]))
    if exif and kind != "png":
        # Only Pillow's newer releases put the prefix in front for JPEG themselves.
        options["exif"] = PREFIX + exif if kind == "jpg" else exif
    stream = io.BytesIO()
    squeezed = pixels[..., 0] if pixels.shape[2] == 1 else pixels
    Image.fromarray(np.ascontiguousarray(squeezed)).save(stream, **options)
    return stream.getvalue()
