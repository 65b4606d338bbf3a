"""A picture in memory: what the upscaler needs, and what must survive it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Optional, Tuple

import numpy as np

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.images.decoded import Dpi
from pcsr_edge.runtime.images.planes import Pixels, mean_plane, resize_plane, to_unit


@dataclass(frozen=True, eq=False)
class Picture:
    """One upright picture. `replace(picture, icc=None, exif=None, xmp=None)` strips it."""

    rgb: Pixels
    """uint8 or uint16 (h, w, 3), C-contiguous; a gray picture has three equal channels. Where a
    file that was read is fully transparent, the colour of the nearest visible pixel stands."""
    gray: bool = False
    """Whether it is stored with one channel."""
    alpha: Optional[Pixels] = None
    """(h, w) of the same dtype, 0 = transparent; never multiplied into `rgb`."""
    icc: Optional[bytes] = None
    """ICC profile that `rgb` is in."""
    exif: Optional[bytes] = None
    """EXIF as a TIFF structure, without the `Exif` prefix of JPEG; its orientation is 1."""
    format: str = "png"
    """What it was read from: `png`, `jpg`, `webp`, `tiff` or `bmp`."""
    notes: Tuple[str, ...] = ()
    """What was not kept on reading, each a sentence about "it", the file."""
    path: Optional[Path] = None
    """The file it was read from, which is never written to."""
    xmp: Optional[bytes] = None
    """XMP packet; its orientation is 1."""
    dpi: Optional[Dpi] = None
    """Pixels per inch, across and down; they stay what they were when the picture grows."""

    @property
    def size(self) -> Tuple[int, int]:
        """(h, w)."""
        return self.rgb.shape[0], self.rgb.shape[1]


def model_input(picture: Picture) -> Pixels:
    """Return what to upscale: `rgb`, of a gray picture as float32 in [0, 1].

    The result then is float32 as well, so that `rejoin` takes the mean of its channels before
    anything is rounded.
    """
    return to_unit(picture.rgb) if picture.gray else picture.rgb


def rejoin(picture: Picture, sr: Pixels, alpha: Optional[Pixels] = None) -> Picture:
    """Return what to write: `picture` with super-resolved pixels.

    Args:
        picture: as it was read.
        sr: (H, W, 3) in the dtype of `picture.rgb`, of a gray picture also float32 in [0, 1]. Of
            a gray picture the mean of the three channels is taken: they differ only by the
            model's noise, which the mean lowers most; a luma would weight the green one's.
        alpha: (H, W) in the same dtype; None makes it from `picture.alpha` by `resize_plane`.

    Raises:
        UsageError: shape or dtype of `sr` or `alpha` is another, or the picture has no alpha.
    """
    expected = (picture.rgb.dtype, np.float32) if picture.gray else (picture.rgb.dtype,)
    if sr.shape[2:] != (3,) or sr.dtype not in expected:
        raise UsageError(
            f"the super-resolved picture is {sr.dtype} {sr.shape}, expected "
            f"{picture.rgb.dtype} (H, W, 3)"
        )
    if picture.gray:
        sr = np.repeat(mean_plane(sr, picture.rgb.dtype)[..., None], 3, axis=2)
    return replace(picture, rgb=np.ascontiguousarray(sr), alpha=_alpha_for(picture, sr, alpha))


def _alpha_for(picture: Picture, sr: Pixels, alpha: Optional[Pixels]) -> Optional[Pixels]:
    size = (sr.shape[0], sr.shape[1])
    if alpha is None:
        return None if picture.alpha is None else resize_plane(picture.alpha, size)
    if picture.alpha is None:
        raise UsageError("an alpha plane was given for a picture that has none")
    if alpha.shape != size or alpha.dtype != sr.dtype:
        raise UsageError(
            f"the alpha plane is {alpha.dtype} {alpha.shape}, expected {sr.dtype} {size}"
        )
    return alpha
