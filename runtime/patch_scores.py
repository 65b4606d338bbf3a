"""How hard patches look: the edge score of ARM and the gradient vector of WBSR.

A row of patches is scored in one pass: the filter runs over all of its pixels once, and sums over
patches are differences of running sums. So a patch's border sees the picture around it, where the
published code repeats or mirrors the patch itself.
"""

from __future__ import annotations

from typing import Any, Callable, List, Mapping, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.geometry import Span
from pcsr_edge.runtime.patch_grid import PatchGrid, PatchLine
from pcsr_edge.runtime.pixels import LIMITS

Gray = npt.NDArray[np.int16]
Values = npt.NDArray[np.float64]
LUMA = (0.299, 0.587, 0.114)
"""Of R, G and B in gray (BT.601)."""


def edge_scores(image: npt.NDArray[Any], grid: PatchGrid) -> Values:
    """Return the mean |Laplacian| of each patch, (rows, columns, 1) float64 in 0…255.

    The 3x3 Laplacian with weights 2 at the corners and -8 in the middle, on gray of 8 bits,
    saturated at 255, as the published code of ARM computes it with OpenCV.

    Args:
        image: RGB (h, w, 3), uint8, uint16 or float32 in [0, 1].
        grid: of the patches.
    """
    return _scores(image, grid, lambda gray: [_laplacian(gray)])


def gradient_vectors(image: npt.NDArray[Any], grid: PatchGrid) -> Values:
    """Return mean and standard deviation of each patch's Sobel magnitude: (rows, columns, 2).

    On gray of 8 bits, float64.

    Args:
        image: RGB (h, w, 3), uint8, uint16 or float32 in [0, 1].
        grid: of the patches.
    """
    sums = _scores(image, grid, lambda gray: _with_squares(_sobel(gray)))
    mean, squares = sums[..., 0], sums[..., 1]
    return np.stack([mean, np.sqrt(np.maximum(squares - mean * mean, 0))], axis=-1)


SCORES: Mapping[str, Callable[[npt.NDArray[Any], PatchGrid], Values]] = {
    "arm": edge_scores,
    "wbsr": gradient_vectors,
}
"""Method → what its table is looked up by."""


def _scores(
    image: npt.NDArray[Any], grid: PatchGrid, filters: Callable[[Gray], List[Values]]
) -> Values:
    """Return the mean of each filter's result over each patch: (rows, columns, filters)."""
    rows = [_row_of_scores(image, line.seen, grid, filters) for line in grid.rows]
    return np.stack(rows)


def _row_of_scores(
    image: npt.NDArray[Any],
    rows: Span,
    grid: PatchGrid,
    filters: Callable[[Gray], List[Values]],
) -> Values:
    maps = filters(_gray(image, rows))
    return np.stack([_means(each.sum(axis=0), grid.cols, len(rows)) for each in maps], axis=-1)


def _means(columns: Values, lines: Tuple[PatchLine, ...], height: int) -> Values:
    running = np.concatenate([[0.0], np.cumsum(columns)])
    starts = np.array([line.seen.start for line in lines])
    stops = np.array([line.seen.stop for line in lines])
    means: Values = (running[stops] - running[starts]) / (height * (stops - starts))
    return means


def _gray(image: npt.NDArray[Any], rows: Span) -> Gray:
    """Return gray of 8 bits of some rows, one more around them, the picture's edge mirrored."""
    height = image.shape[0]
    wanted = np.arange(rows.start - 1, rows.stop + 1)
    # Mirrored about the edge pixel, as OpenCV's filters do; a picture of one row repeats it.
    mirrored = np.abs(np.where(wanted > height - 1, 2 * (height - 1) - wanted, wanted))
    part = image[np.clip(mirrored, 0, height - 1)].astype(np.float32)
    white = LIMITS[image.dtype.name]
    if white != LIMITS["uint8"]:
        part = np.clip(np.rint(part * np.float32(255 / white)), 0, 255)
    gray = np.floor(part @ np.array(LUMA, dtype=np.float32) + np.float32(0.5))
    margin = ((0, 0), (1, 1))
    wide = np.pad(gray, margin, mode="reflect" if gray.shape[1] > 1 else "edge")
    return np.asarray(wide.astype(np.int16))


def _laplacian(gray: Gray) -> Values:
    corners = gray[:-2, :-2] + gray[:-2, 2:] + gray[2:, :-2] + gray[2:, 2:]
    values = np.abs(2 * corners - 8 * gray[1:-1, 1:-1])
    return np.asarray(np.minimum(values, 255), dtype=np.float64)


def _sobel(gray: Gray) -> Values:
    down = gray[:-2] + 2 * gray[1:-1] + gray[2:]
    across = gray[:, :-2] + 2 * gray[:, 1:-1] + gray[:, 2:]
    magnitude: Values = np.hypot(
        (down[:, 2:] - down[:, :-2]).astype(np.float64), (across[2:] - across[:-2])
    )
    return magnitude


def _with_squares(values: Values) -> List[Values]:
    return [values, values * values]
