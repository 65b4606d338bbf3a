"""Reads a picture file and makes it upright."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import BinaryIO, Optional, Tuple, Union

import numpy as np
from PIL import Image

from pcsr_edge.errors import InputError, PcsrEdgeError
from pcsr_edge.runtime.images.decoded import Decoded
from pcsr_edge.runtime.images.exif import upright_exif
from pcsr_edge.runtime.images.formats import FORMATS
from pcsr_edge.runtime.images.header import (
    HEADER_BYTES,
    MAX_PIXELS,
    Header,
    check_size,
    read_header,
)
from pcsr_edge.runtime.images.picture import Picture
from pcsr_edge.runtime.images.pillow_codec import decode_with_pillow
from pcsr_edge.runtime.images.planes import Pixels, fill_hidden, orient, swaps_axes
from pcsr_edge.runtime.images.vips_codec import decode_with_vips
from pcsr_edge.runtime.images.xmp import upright_xmp

_ICC_SPACES = {b"GRAY": "gray", b"RGB ": "RGB"}


def read_picture(path: Union[str, Path], *, max_pixels: int = MAX_PIXELS) -> Picture:
    """Read the first picture of a PNG, JPEG, WebP, TIFF or BMP file.

    The content decides what the file is, not its name; the file's bit depth decides the dtype,
    never its values. The EXIF orientation is applied. CMYK is converted without its profile.
    Float and 32-bit TIFF are refused: they state no range to map to 16 bits.

    Args:
        path: of the file.
        max_pixels: more than this in the header is refused before pixels are allocated.

    Raises:
        InputError: the file is missing, cut off, damaged, too large or of an unknown kind.
    """
    path = Path(path)
    header, decoded = _decode(path, max_pixels)
    exif, orientation, exif_notes = upright_exif(decoded.exif)
    turned = decoded.orientation or orientation
    pixels = orient(decoded.pixels, turned)
    gray = pixels.shape[2] in (1, 2)
    icc, icc_notes = _usable_profile(decoded.icc, gray)
    rgb, alpha = _split(pixels, gray)
    notes = (*decoded.notes, *exif_notes, *icc_notes)
    xmp = upright_xmp(decoded.xmp) if decoded.xmp else None
    dpi = decoded.dpi[::-1] if decoded.dpi and swaps_axes(turned) else decoded.dpi
    return Picture(rgb, gray, alpha, icc, exif, header.format, notes, path, xmp, dpi)


def _open(path: Path) -> BinaryIO:
    if os.path.isdir(path):
        raise InputError(f"{path} is a folder, expected a picture file")
    if os.path.exists(path) and not os.path.isfile(path):
        # Opening a pipe waits for its writer.
        raise InputError(f"{path} is a pipe or a device, expected a picture file")
    try:
        return path.open("rb")
    except FileNotFoundError as exc:
        what = "is a link to a file that does not exist" if path.is_symlink() else "does not exist"
        raise InputError(f"{path} {what}; check the name") from exc
    except (OSError, ValueError) as exc:
        raise InputError(f"{path} cannot be opened: {getattr(exc, 'strerror', exc)}") from exc


def _decode(path: Path, max_pixels: int) -> Tuple[Header, Decoded]:
    with _open(path) as stream:
        header = _header(stream.read(HEADER_BYTES), path, max_pixels)
        stream.seek(0)
        try:
            # Damaged metadata makes Pillow warn with its own file and line; what matters to the
            # user stands in the notes. The filter is global while it lasts: read in one thread.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return header, _decoded(stream, path, header, max_pixels)
        except PcsrEdgeError:
            raise
        # A damaged file makes the decoders raise nearly anything: OSError, SyntaxError,
        # ValueError, struct.error, zlib.error, pyvips.Error, MemoryError…
        except Exception as exc:
            reason = " ".join(str(exc).split()) or type(exc).__name__
            raise InputError(
                f"{path} cannot be decoded, it is damaged, cut off or of a rare kind "
                f"({reason:.200}); copy it or save it again"
            ) from exc


def _decoded(stream: BinaryIO, path: Path, header: Header, max_pixels: int) -> Decoded:
    if _suits_pillow(header):
        return decode_with_pillow(stream, path, header, max_pixels)
    return decode_with_vips(path, header, max_pixels)


def _header(head: bytes, path: Path, max_pixels: int) -> Header:
    if not head:
        raise InputError(f"{path} is empty")
    header = read_header(head)
    if header is None:
        raise InputError(
            f"{path} is no picture that can be read: expected the content of "
            f"{', '.join(kind.title for kind in FORMATS.values())}, whatever its name says"
        )
    if header.size is not None:
        check_size(path, header, header.size, max_pixels)
    return header


def _suits_pillow(header: Header) -> bool:
    # Pillow's WebP reader refuses twice its global limit, which is not ours to change.
    limit = Image.MAX_IMAGE_PIXELS
    if header.format == "webp" and header.size is not None and limit is not None:
        return header.size[0] * header.size[1] <= limit
    return header.exact_in_pillow


def _usable_profile(icc: Optional[bytes], gray: bool) -> Tuple[Optional[bytes], Tuple[str, ...]]:
    """Leave out a profile that does not describe the pixels (ICC.1, 7.2.6: bytes 16 to 19)."""
    if not icc:
        return None, ()
    space = _ICC_SPACES.get(icc[16:20])
    if space is None or (space == "gray" and not gray):
        return None, ("its ICC profile is for another colour space and was left out",)
    return icc, ()


def _split(pixels: Pixels, gray: bool) -> Tuple[Pixels, Optional[Pixels]]:
    colours = 1 if gray else 3
    rgb = np.repeat(pixels[..., :1], 3, axis=2) if gray else pixels[..., :3]
    if pixels.shape[2] == colours:
        return np.ascontiguousarray(rgb), None
    alpha = np.ascontiguousarray(pixels[..., colours])
    return np.ascontiguousarray(fill_hidden(rgb, alpha)), alpha
