"""Writes a picture file, with what its format can hold of the picture."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import List, Optional, Tuple, Union

import numpy as np

from pcsr_edge.errors import OutputError, PcsrEdgeError, UsageError
from pcsr_edge.runtime.images.atomic import refuse_existing, write_atomically
from pcsr_edge.runtime.images.exif import sized_exif
from pcsr_edge.runtime.images.formats import PictureFormat, choose_format
from pcsr_edge.runtime.images.picture import Picture
from pcsr_edge.runtime.images.pillow_codec import encode_with_pillow
from pcsr_edge.runtime.images.planes import Pixels, to_8_bit
from pcsr_edge.runtime.images.tiff import encode_tiff
from pcsr_edge.runtime.images.vips_codec import encode_deep_png

# A JPEG segment holds 65533 bytes, six of which are the prefix.
_JPEG_EXIF_BYTES = 65527


def check_target(
    picture: Picture,
    path: Union[str, Path],
    *,
    format: str = "auto",
    overwrite: bool = False,
    size: Optional[Tuple[int, int]] = None,
) -> PictureFormat:
    """Check before the upscaling that `write_picture` will accept its result.

    Args:
        picture: as it was read.
        path: of the file to write.
        format: one of `OUTPUT_FORMATS`.
        overwrite: whether an existing file may be replaced.
        size: (H, W) of the result; the picture's own size if None.

    Returns:
        The format to be written.

    Raises:
        UsageError: `path` is the picture's own file, or no format can be told.
        OutputError: the file exists, or the format cannot hold the picture.
    """
    path = Path(path)
    kind = choose_format(path, format)
    if picture.path is not None and _same_file(picture.path, path):
        raise UsageError(f"{path} is the input itself; give the result another name")
    refuse_existing(path, overwrite)
    if picture.alpha is not None and not kind.alpha:
        raise OutputError(
            f"{path}: the picture has transparency, and {kind.title} is written without; "
            "choose png, webp or tiff"
        )
    height, width = size or picture.size
    if max(height, width) > kind.longest_side:
        raise OutputError(
            f"{path}: the result has {width}x{height} pixels, and {kind.title} holds at most "
            f"{kind.longest_side} on a side; choose png or tiff"
        )
    return kind


def _same_file(first: Path, second: Path) -> bool:
    try:
        return os.path.samefile(first, second)
    except OSError:
        return False


def write_picture(
    picture: Picture,
    path: Union[str, Path],
    *,
    format: str = "auto",
    overwrite: bool = False,
) -> Tuple[str, ...]:
    """Write a picture whole or not at all; missing folders are made.

    PNG is compressed at level 3. JPEG has quality 95 without chroma subsampling. WebP has
    quality 95 (lossy, which always subsamples chroma), alpha without loss. TIFF is deflated.
    JPEG and WebP get 8 bits per channel; BMP gets neither EXIF nor ICC profile.

    Args:
        picture: `Picture` of any size, e.g. from `rejoin`.
        path: of the file.
        format: one of `OUTPUT_FORMATS`; `auto` goes by the suffix of `path`.
        overwrite: whether an existing file may be replaced.

    Returns:
        Notes on what the format could not hold, each a sentence about "it", the file.

    Raises:
        UsageError: `path` is the picture's own file, or no format can be told.
        OutputError: the file exists, cannot be written, or cannot hold the picture.
    """
    path = Path(path)
    kind = check_target(picture, path, format=format, overwrite=overwrite)
    fitted, notes = _fit(picture, kind)
    try:
        data = _encode(fitted, kind, path)
    except PcsrEdgeError:
        raise
    # Which errors the encoders of Pillow and libvips raise is documented nowhere.
    except Exception as exc:
        raise OutputError(f"{path} cannot be encoded as {kind.title}: {exc}") from exc
    write_atomically(path, data, overwrite)
    return notes


def _fit(picture: Picture, kind: PictureFormat) -> Tuple[Picture, Tuple[str, ...]]:
    """Return the picture with what the format can hold, and notes on the rest."""
    notes: List[str] = []
    if picture.rgb.dtype != np.uint8 and not kind.deep:
        notes.append(f"it was rounded from 16 to 8 bits per channel, the most {kind.title} holds")
        alpha = None if picture.alpha is None else to_8_bit(picture.alpha)
        picture = replace(picture, rgb=to_8_bit(picture.rgb), alpha=alpha)
    exif = sized_exif(picture.exif, picture.size) if picture.exif else None
    if exif and (not kind.metadata or (kind.name == "jpg" and len(exif) > _JPEG_EXIF_BYTES)):
        notes.append(f"its EXIF was left out: {kind.title} cannot hold it")
        exif = None
    icc = picture.icc
    if icc and not (kind.metadata and _profile_fits(icc, picture.gray, kind)):
        notes.append(f"its ICC profile was left out: {kind.title} cannot hold it here")
        icc = None
    return replace(picture, exif=exif, icc=icc), tuple(notes)


def _profile_fits(icc: bytes, gray: bool, kind: PictureFormat) -> bool:
    # WebP has no gray. PNG forbids a profile of the other kind; the others tolerate RGB on gray.
    if icc[16:20] == b"GRAY":
        return gray and kind.name != "webp"
    return not (gray and kind.name == "png")


def _encode(picture: Picture, kind: PictureFormat, path: Path) -> bytes:
    pixels = _channels(picture)
    if kind.name == "tiff":
        return encode_tiff(path, pixels, picture.icc, picture.exif)
    if pixels.dtype != np.uint8:
        return encode_deep_png(path, pixels, picture.icc, picture.exif)
    return encode_with_pillow(kind.name, pixels, picture.icc, picture.exif)


def _channels(picture: Picture) -> Pixels:
    colours = picture.rgb[..., :1] if picture.gray else picture.rgb
    if picture.alpha is None:
        return colours
    return np.concatenate([colours, picture.alpha[..., None]], axis=2)
