"""The pictures that results are judged on: those that come along, or a folder of the user's."""

from __future__ import annotations

from pathlib import Path
from typing import List, Mapping, Optional, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.errors import DataError
from pcsr_edge.export.pictures import MIN_CELLS, Pair, drawn_pictures
from pcsr_edge.runtime.images import picture_files, read_picture, to_8_bit
from pcsr_edge.runtime.manifest import Manifest, trained_scale
from pcsr_edge.runtime.photograph import photograph
from pcsr_edge.runtime.resample import crop_to_multiple, downscale

Pixels = npt.NDArray[np.uint8]

SIDE = 384
"""HR pixels along a picture's sides at most; of larger ones the middle is taken."""
MOST_PICTURES = 32
"""Of a folder with more, so many are taken, evenly spread over their names."""
SCALE = 4
"""For models that have no scale of their own."""


def judging_scale(manifest: Manifest) -> int:
    """Return the magnification at which a model is judged."""
    return trained_scale(manifest) or SCALE


def judging_pairs(folder: Optional[Path], scale: int) -> Tuple[Pair, ...]:
    """Return pictures (HR) with their degraded versions (LR, MATLAB's bicubic).

    Args:
        folder: searched for pictures, with the folders below it; None takes part of a
            photograph and three drawings, which come along.
        scale: magnification.

    Raises:
        DataError: `folder` is none, or a picture is too small.
        InputError: there is no picture in it, or one cannot be read.
    """
    return tuple(_pair(name, hr, scale) for name, hr in _pictures(folder).items())


def _pictures(folder: Optional[Path]) -> Mapping[str, Pixels]:
    if folder is None:
        return {"photograph": photograph(), **drawn_pictures()}
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder; expected one with pictures")
    paths = [found.source for found in picture_files([str(folder)])]
    return {str(path.relative_to(folder)): _read(path) for path in _spread(paths)}


def _spread(paths: List[Path]) -> List[Path]:
    if len(paths) <= MOST_PICTURES:
        return paths
    return [paths[len(paths) * i // MOST_PICTURES] for i in range(MOST_PICTURES)]


def _read(path: Path) -> Pixels:
    pixels: Pixels = to_8_bit(read_picture(path).rgb)
    return pixels


def _pair(name: str, image: Pixels, scale: int) -> Pair:
    least = MIN_CELLS * scale
    height, width = image.shape[:2]
    if min(height, width) < least:
        raise DataError(
            f"{name} is {width}x{height}, and scale {scale} needs {least} pixels each way at "
            "least; take it out of the folder, or name another one"
        )
    hr = crop_to_multiple(_middle(image), scale)
    return Pair(name, hr, downscale(hr, scale))


def _middle(image: Pixels) -> Pixels:
    top, left = (max(0, side - SIDE) // 2 for side in image.shape[:2])
    return image[top : top + SIDE, left : left + SIDE]
