"""libvips: reads TIFF and the PNG that Pillow would change, and writes PNG with 16 bits.

pyvips is imported on first use: it takes a tenth of a second, and most pictures do not need it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional, Tuple, Type

import numpy as np

from pcsr_edge.errors import InputError, OutputError, PcsrEdgeError
from pcsr_edge.installation import advice
from pcsr_edge.runtime.images.decoded import Decoded, Dpi, cmyk_note, frames_note
from pcsr_edge.runtime.images.embedding import dpi_in_png
from pcsr_edge.runtime.images.header import Header, check_size
from pcsr_edge.runtime.images.pillow_codec import cmyk_to_rgb
from pcsr_edge.runtime.images.planes import Pixels
from pcsr_edge.runtime.images.tiff import TiffTags, read_tags

_DTYPES = {"uchar": np.uint8, "ushort": np.uint16}
_COLOUR_SPACES = frozenset(["b-w", "grey16", "srgb", "rgb", "rgb16", "multiband", "cmyk"])
_CMYK_CHANNELS = 4
PYVIPS = "pip install 'pyvips[binary]'"


def _pyvips(path: Path, error: Type[PcsrEdgeError]) -> Any:
    try:
        import pyvips
    except (ImportError, OSError) as exc:
        raise error(
            f"{path} needs pyvips, which cannot be loaded ({exc}); {advice(PYVIPS)}"
        ) from exc
    return pyvips


def decode_with_vips(path: Path, header: Header, max_pixels: int) -> Decoded:
    """Decode the first picture of a PNG, TIFF or WebP file.

    Raises:
        InputError: pyvips is missing, or the file claims too many pixels, or is of a kind that
            is not supported.
        Exception: whatever pyvips raises on a damaged file.
    """
    operations = _pyvips(path, InputError).Image
    tags = read_tags(path) if header.format == "tiff" else TiffTags()
    if tags.refused_kind is not None:
        raise InputError(f"{path} holds {tags.refused_kind}; convert it to RGB first")
    load = {"png": operations.pngload, "webp": operations.webpload}.get(
        header.format, operations.tiffload
    )
    # Not with random access: libvips remembers such pictures by file name, and would show one that
    # has changed since as it was.
    image = load(str(path), access="sequential", fail_on="error")
    check_size(path, header, (image.height, image.width), max_pixels)
    pixels, cmyk = _pixels(image, path, tags.unspecified_channel)
    icc = _blob(image, "icc-profile-data")
    notes = frames_note(image.get("n-pages") if image.get_typeof("n-pages") else 1)
    notes += _channels_note(image.bands - (4 if cmyk else pixels.shape[2]))
    return Decoded(
        pixels,
        None if cmyk else icc,
        tags.exif if header.format == "tiff" else _blob(image, "exif-data"),
        # libvips reads it from the first directory of a TIFF, also of a BigTIFF.
        image.get("orientation") if header.format == "tiff" else None,
        (*notes, *tags.notes, *((cmyk_note(icc),) if cmyk else ())),
        _blob(image, "xmp-data"),
        _png_dpi(path) if header.format == "png" else tags.dpi,
    )


def _png_dpi(path: Path) -> Optional[Dpi]:
    # Not the image's: where the file says nothing, libvips makes one up.
    with path.open("rb") as stream:
        return dpi_in_png(stream)


def _channels_note(more: int) -> Tuple[str, ...]:
    if more < 1:
        return ()
    return (f"it holds {more} more channel{'' if more == 1 else 's'} than were used",)


def _blob(image: Any, name: str) -> Optional[bytes]:
    return bytes(image.get(name)) if image.get_typeof(name) else None


def _pixels(image: Any, path: Path, unspecified_channel: bool) -> Tuple[Pixels, bool]:
    """Return the pixels and whether they were CMYK."""
    cmyk = image.interpretation == "cmyk"
    wrong = image.format not in _DTYPES or image.interpretation not in _COLOUR_SPACES
    if wrong or (cmyk and image.format != "uchar"):
        raise InputError(
            f"{path} holds {image.format} samples of kind {image.interpretation}; expected gray or "
            f"RGB with 8 or 16 bits per channel, or CMYK with 8: convert it first"
        )
    shape = (image.height, image.width, image.bands)
    pixels = np.frombuffer(image.write_to_memory(), _DTYPES[image.format]).reshape(shape)
    if cmyk:
        return cmyk_to_rgb(pixels[..., :_CMYK_CHANNELS]), True
    colours = 1 if image.bands in (1, 2) else 3
    return pixels[..., : colours if unspecified_channel else colours + 1], False


def encode_deep_png(path: Path, pixels: Pixels, icc: Optional[bytes]) -> bytes:
    """Encode uint16 (H, W, C) as PNG; `path` is named in errors.

    The EXIF that libvips writes is of its own making, and so is the resolution; see `embedding`.

    Raises:
        OutputError: pyvips is missing.
    """
    pyvips = _pyvips(path, OutputError)
    height, width, channels = pixels.shape
    data = np.ascontiguousarray(pixels)
    image = pyvips.Image.new_from_memory(data.data, width, height, channels, "ushort")
    image = image.copy(interpretation="grey16" if channels in (1, 2) else "rgb16")
    if icc:
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", icc)
    encoded: bytes = image.pngsave_buffer(compression=3, filter="all", keep="icc")
    return encoded
