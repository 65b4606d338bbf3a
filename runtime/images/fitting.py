"""Fits a picture to what its format can hold, and says what is left out."""

from __future__ import annotations

from dataclasses import replace
from typing import List, Optional, Tuple

import numpy as np

from pcsr_edge.runtime.images.embedding import LONGEST_JPEG_XMP
from pcsr_edge.runtime.images.exif import X_RESOLUTION, ExifBlock, sized_exif
from pcsr_edge.runtime.images.formats import PictureFormat
from pcsr_edge.runtime.images.picture import Picture
from pcsr_edge.runtime.images.planes import to_8_bit
from pcsr_edge.runtime.images.xmp import sized_xmp

# A JPEG segment holds 65533 bytes, six of which are the prefix.
_LONGEST_JPEG_EXIF = 65527


def fitted_to(picture: Picture, kind: PictureFormat) -> Tuple[Picture, Tuple[str, ...]]:
    """Return the picture with what the format can hold, and notes on the rest."""
    notes: List[str] = []
    if picture.rgb.dtype != np.uint8 and not kind.deep:
        notes.append(f"it was rounded from 16 to 8 bits per channel, the most {kind.title} holds")
        alpha = None if picture.alpha is None else to_8_bit(picture.alpha)
        picture = replace(picture, rgb=to_8_bit(picture.rgb), alpha=alpha)
    exif = sized_exif(picture.exif, picture.size) if picture.exif else None
    if exif and not _block_fits(exif, kind, _LONGEST_JPEG_EXIF):
        notes.append(f"its EXIF was left out: {kind.title} cannot hold it")
        exif = None
    xmp = sized_xmp(picture.xmp, picture.size) if picture.xmp else None
    if xmp and not _block_fits(xmp, kind, LONGEST_JPEG_XMP):
        notes.append(f"its XMP was left out: {kind.title} cannot hold it")
        xmp = None
    icc = picture.icc
    if icc and not (kind.metadata and _profile_fits(icc, picture.gray, kind)):
        notes.append(f"its ICC profile was left out: {kind.title} cannot hold it here")
        icc = None
    if picture.dpi and not kind.resolution and not _states_resolution(exif):
        notes.append(f"its {picture.dpi[0]:g} dpi were left out: {kind.title} cannot hold them")
    return replace(picture, exif=exif, xmp=xmp, icc=icc), tuple(notes)


def _block_fits(block: bytes, kind: PictureFormat, longest_in_jpeg: int) -> bool:
    return kind.metadata and (kind.name != "jpg" or len(block) <= longest_in_jpeg)


def _profile_fits(icc: bytes, gray: bool, kind: PictureFormat) -> bool:
    # WebP has no gray. PNG forbids a profile of the other kind; the others tolerate RGB on gray.
    if icc[16:20] == b"GRAY":
        return gray and kind.name != "webp"
    return not (gray and kind.name == "png")


def _states_resolution(exif: Optional[bytes]) -> bool:
    return exif is not None and any(e.tag == X_RESOLUTION for e in ExifBlock(exif).entries)
