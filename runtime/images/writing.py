"""Writes a picture file, with what its format can hold of the picture."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Optional, Tuple, Union

import numpy as np

from pcsr_edge.errors import OutputError, PcsrEdgeError, UsageError
from pcsr_edge.runtime.images.atomic import refuse_existing, write_atomically
from pcsr_edge.runtime.images.embedding import embed_in_jpeg, embed_in_png
from pcsr_edge.runtime.images.fitting import fitted_to
from pcsr_edge.runtime.images.formats import FORMATS, OUTPUT_FORMATS, PictureFormat, choose_format
from pcsr_edge.runtime.images.picture import Picture
from pcsr_edge.runtime.images.pillow_codec import encode_with_pillow
from pcsr_edge.runtime.images.planes import Pixels
from pcsr_edge.runtime.images.tiff import encode_tiff
from pcsr_edge.runtime.images.vips_codec import encode_deep_png


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
            f"{_others(picture, size or picture.size)}"
        )
    height, width = size or picture.size
    if max(height, width) > kind.longest_side:
        raise OutputError(
            f"{path}: the result has {width}x{height} pixels, and {kind.title} holds at most "
            f"{kind.longest_side} on a side; {_others(picture, (height, width))}"
        )
    return kind


def _others(picture: Picture, size: Tuple[int, int]) -> str:
    """Name the formats that `-f` chooses and that can hold the picture at `size`."""
    kinds = (FORMATS[name] for name in OUTPUT_FORMATS if name in FORMATS)
    long = [kind for kind in kinds if max(size) <= kind.longest_side]
    names = [kind.name for kind in long if kind.alpha or picture.alpha is None]
    if not names:
        return "give a smaller scale or size"
    return f"choose {' or '.join(filter(None, (', '.join(names[:-1]), names[-1])))}"


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
    JPEG and WebP get 8 bits per channel; BMP gets neither EXIF nor XMP nor ICC profile.

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
    fitted, notes = fitted_to(picture, kind)
    try:
        data = _encode(fitted, kind, path)
    except PcsrEdgeError:
        raise
    # Which errors the encoders of Pillow and libvips raise is documented nowhere.
    except Exception as exc:
        raise OutputError(f"{path} cannot be encoded as {kind.title}: {exc}") from exc
    write_atomically(path, data, overwrite)
    return notes


def _encode(picture: Picture, kind: PictureFormat, path: Path) -> bytes:
    pixels = _channels(picture)
    if kind.name == "tiff":
        return encode_tiff(path, pixels, picture.icc, picture.exif, picture.xmp, picture.dpi)
    if pixels.dtype != np.uint8:
        data = encode_deep_png(path, pixels, picture.icc)
    else:
        metadata = (picture.icc, picture.exif, picture.xmp, picture.dpi)
        data = encode_with_pillow(kind.name, pixels, *metadata)
    if kind.name == "png":
        return embed_in_png(data, picture.exif, picture.xmp, picture.dpi)
    return embed_in_jpeg(data, picture.xmp) if kind.name == "jpg" else data


def _channels(picture: Picture) -> Pixels:
    colours = picture.rgb[..., :1] if picture.gray else picture.rgb
    if picture.alpha is None:
        return colours
    return np.concatenate([colours, picture.alpha[..., None]], axis=2)
