"""A folder of HR pictures, with LR pictures beside it or made from it."""

from __future__ import annotations

from pathlib import Path
from typing import List, NamedTuple, Optional

import numpy as np
import numpy.typing as npt

from pcsr_edge.errors import DataError
from pcsr_edge.runtime.images import picture_files, read_picture
from pcsr_edge.runtime.images.planes import to_8_bit
from pcsr_edge.runtime.resample import crop_to_multiple, downscale

Pixels = npt.NDArray[np.uint8]


class Pair(NamedTuple):
    """One picture, RGB uint8."""

    name: str
    hr: Pixels
    """(H, W, 3), cropped to a multiple of the scale."""
    lr: Pixels
    """(H / scale, W / scale, 3)."""


class PictureSet:
    """The pictures of one folder and those below it.

    Raises:
        DataError: a folder is missing.
        InputError: a folder holds no picture.
    """

    def __init__(self, hr_folder: Path, lr_folder: Optional[Path] = None) -> None:
        self.hr_folder, self.lr_folder = hr_folder, lr_folder
        self.pictures = _pictures(hr_folder)
        self._lr = {} if lr_folder is None else {p.stem: p for p in _pictures(lr_folder)}

    def pair(self, path: Path, scale: int) -> Pair:
        """Read one picture and find or make its LR.

        Raises:
            InputError: a picture cannot be read.
            DataError: its LR is missing or of a size that does not fit.
        """
        hr = _read(path)
        return (
            made_pair(path.name, hr, scale)
            if self.lr_folder is None
            else self._found(path, hr, scale)
        )

    def _found(self, path: Path, hr: Pixels, scale: int) -> Pair:
        # Published test sets name the LR of `baby.png` either so or `babyx4.png`.
        found = self._lr.get(path.stem) or self._lr.get(f"{path.stem}x{scale}")
        if found is None:
            raise DataError(
                f"{self.lr_folder} holds no LR picture for {path.name}; expected "
                f"{path.stem}.png or {path.stem}x{scale}.png"
            )
        return fitted_pair(path.name, hr, _read(found), scale)

    def protocol(self, scale: int) -> str:
        """Say how the numbers come about."""
        lr = (
            f"HR cropped to a multiple of {scale}, MATLAB-style bicubic (a = -0.5, antialiased), "
            "rounded to 8 bit"
            if self.lr_folder is None
            else f"from {self.lr_folder}"
        )
        return (
            f"x{scale}: LR = {lr}; results rounded to 8 bit, {scale} pixels shaved; "
            "Y is BT.601 luma (16-235)"
        )


def made_pair(name: str, hr: Pixels, scale: int) -> Pair:
    """Crop HR to a multiple of `scale` and make the LR.

    Raises:
        DataError: nothing is left of it.
    """
    cropped = crop_to_multiple(hr, scale)
    if cropped.size == 0:
        raise DataError(f"{name} has {_size(hr)} pixels, too few for scale {scale}")
    return Pair(name, cropped, downscale(cropped, scale))


def fitted_pair(name: str, hr: Pixels, lr: Pixels, scale: int) -> Pair:
    """Crop HR to `scale` times the size of a given LR.

    Raises:
        DataError: the sizes do not belong together.
    """
    height, width = lr.shape[0] * scale, lr.shape[1] * scale
    if not (height <= hr.shape[0] < height + scale and width <= hr.shape[1] < width + scale):
        raise DataError(
            f"{name}: HR {_size(hr)} and LR {_size(lr)} do not belong together at scale {scale}"
        )
    return Pair(name, hr[:height, :width], lr)


def _pictures(folder: Path) -> List[Path]:
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder; expected one with pictures")
    return [found.source for found in picture_files([str(folder)])]


def _read(path: Path) -> Pixels:
    pixels: Pixels = to_8_bit(read_picture(path).rgb)
    return pixels


def _size(image: Pixels) -> str:
    return f"{image.shape[1]}x{image.shape[0]}"
