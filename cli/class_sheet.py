"""Which pixels a PCSR model takes for hard ones: class maps, and the contrast in each class."""

from __future__ import annotations

from typing import List

import numpy as np
import numpy.typing as npt

from pcsr_edge.cli.class_map import colour
from pcsr_edge.cli.sheet import Cell, Pixels, sheet
from pcsr_edge.runtime.quality import luma
from pcsr_edge.runtime.result import Result
from pcsr_edge.runtime.upscaler import Upscaler

SETTINGS = (0.0, 0.5, 1.0)
"""Values of k that are drawn."""
WIDTH = 360
"""Pixels along a drawn picture, about."""


def class_sheet(upscaler: Upscaler, lr: Pixels) -> bytes:
    """Upscale `lr`, uint8 (h, w, 3), at several k, and draw the class maps as PNG."""
    classes = len(upscaler.bundle.manifest.classes)
    title = [
        f"{upscaler.bundle.name}: class of each pixel, orange the heaviest, dark blue the lightest",
        "contrast: mean difference of luma to the next pixels, in 255ths, of a class's pixels",
    ]
    cells = [Cell(_small(lr), [f"LR, {lr.shape[1]}x{lr.shape[0]}"])]
    for k in SETTINGS:
        result = upscaler.run(lr, k=k)
        painted = _small(colour(result.class_map, classes))
        cells.append(Cell(painted, [f"k = {k:g}", *_lines(result)]))
    return sheet(title, [cells[:2], cells[2:]])


def _lines(result: Result) -> List[str]:
    contrast = _contrast(luma(result.image))
    lines = []
    for number, share in enumerate(result.fractions):
        inside = contrast[result.class_map == number]
        what = f"contrast {inside.mean():.1f}" if inside.size else "no pixel"
        lines.append(f"class {number}: {share:.1%} of the pixels, {what}")
    return lines


def _contrast(plane: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    down, across = np.zeros_like(plane), np.zeros_like(plane)
    down[1:] = np.abs(np.diff(plane, axis=0))
    across[:, 1:] = np.abs(np.diff(plane, axis=1))
    return (down + across) / 2


def _small(picture: Pixels) -> Pixels:
    """Leave out or repeat pixels, so that the picture is about `WIDTH` wide; none is blended."""
    height, width = picture.shape[:2]
    rows = np.arange(max(1, round(height * WIDTH / width))) * width // WIDTH
    small: Pixels = picture[np.minimum(rows, height - 1)]
    return small[:, np.arange(WIDTH) * width // WIDTH]
