"""PSNR and SSIM as the super-resolution field measures them.

Images are uint8 RGB (H, W, 3). `y` means BT.601 luma in studio swing (16…235), as MATLAB's
`rgb2ycbcr` gives it, not rounded; `shave` pixels are cut off each side first.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.colour import Matrix, Range

Channel = Literal["y", "rgb"]
FloatArray = npt.NDArray[np.float64]

_LUMA_WEIGHTS = Matrix.BT601.weights * Range.STUDIO.luma_span / 255
_WINDOW_SIZE = 11
"""Pixels along each side of SSIM's Gaussian window."""
_WINDOW_SIGMA = 1.5
_STRIP_ROWS = 32


def luma(rgb: npt.ArrayLike) -> FloatArray:
    """Map RGB in 0…255, (..., 3), to BT.601 luma in 16…235, float64 (...)."""
    values: FloatArray = np.asarray(rgb, dtype=np.float64) @ _LUMA_WEIGHTS
    return values + Range.STUDIO.black


def _check_shave(height: int, width: int, shave: int) -> None:
    if shave < 0 or min(height, width) <= 2 * shave:
        raise ValueError(f"shaving {shave} pixels leaves nothing of a {width}x{height} image")


def _prepare(image: npt.NDArray[np.uint8], channel: Channel, shave: int) -> FloatArray:
    height, width = image.shape[:2]
    _check_shave(height, width, shave)
    kept = image[shave : height - shave, shave : width - shave]
    return luma(kept)[..., None] if channel == "y" else kept.astype(np.float64)


def _check_pair(a: npt.NDArray[np.uint8], b: npt.NDArray[np.uint8], channel: Channel) -> None:
    if channel not in ("y", "rgb"):
        raise ValueError(f"channel must be 'y' or 'rgb', got {channel!r}")
    if a.ndim != 3 or a.shape[2] != 3:
        raise ValueError(f"expected RGB images of shape (H, W, 3), got {a.shape}")
    if a.shape != b.shape:
        raise ValueError(f"images to compare differ in shape: {a.shape} and {b.shape}")


def psnr(a: npt.NDArray[np.uint8], b: npt.NDArray[np.uint8], channel: Channel, shave: int) -> float:
    """Return the peak signal-to-noise ratio in dB (peak 255); infinite for equal images.

    Raises:
        ValueError: the images are not RGB, their shapes differ, or nothing is left after shaving.
    """
    _check_pair(a, b, channel)
    return _decibels(_prepare(a, channel, shave) - _prepare(b, channel, shave))


def plane_psnr(a: npt.NDArray[Any], b: npt.NDArray[Any], shave: int) -> float:
    """Return the PSNR in dB (peak 255) of two planes (H, W) in 0…255; infinite for equal ones.

    Raises:
        ValueError: they are no planes of one shape, or nothing is left after shaving.
    """
    if a.ndim != 2 or a.shape != b.shape:
        raise ValueError(f"expected two planes of one shape, got {a.shape} and {b.shape}")
    height, width = a.shape
    _check_shave(height, width, shave)
    kept = slice(shave, height - shave), slice(shave, width - shave)
    return _decibels(a[kept].astype(np.float64) - b[kept])


def psnr_change(judged: float, reference: float) -> float:
    """Return how much more PSNR one frame has than another, in dB; 0 for two perfect ones."""
    # Infinity minus infinity is not zero.
    return 0.0 if judged == reference else judged - reference


def _decibels(error: FloatArray) -> float:
    mse = float(np.mean(error * error))
    return math.inf if mse == 0 else 10 * math.log10(255.0**2 / mse)


def _gaussian_window() -> FloatArray:
    x = np.arange(_WINDOW_SIZE) - _WINDOW_SIZE // 2
    weights = np.exp(-(x * x) / (2 * _WINDOW_SIGMA * _WINDOW_SIGMA))
    window: FloatArray = weights / weights.sum()
    return window


_WINDOW = _gaussian_window()


def _filter(plane: FloatArray) -> FloatArray:
    """Average under the Gaussian window, only where it fits: (H - 10, W - 10)."""
    height, width = (n - _WINDOW_SIZE + 1 for n in plane.shape)
    rows = _WINDOW[0] * plane[:height]
    for i in range(1, _WINDOW_SIZE):
        rows += _WINDOW[i] * plane[i : i + height]
    out: FloatArray = _WINDOW[0] * rows[:, :width]
    for i in range(1, _WINDOW_SIZE):
        out += _WINDOW[i] * rows[:, i : i + width]
    return out


def _similarity(a: FloatArray, b: FloatArray) -> FloatArray:
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mean_a, mean_b = _filter(a), _filter(b)
    square_a, square_b, product = mean_a * mean_a, mean_b * mean_b, mean_a * mean_b
    variances = _filter(a * a) - square_a + _filter(b * b) - square_b
    covariance = _filter(a * b) - product
    luminance = (2 * product + c1) / (square_a + square_b + c1)
    return luminance * (2 * covariance + c2) / (variances + c2)


def _ssim_plane(a: FloatArray, b: FloatArray) -> float:
    border = _WINDOW_SIZE - 1
    total = 0.0
    # In strips, so that the intermediate arrays stay in the cache.
    for top in range(0, a.shape[0] - border, _STRIP_ROWS):
        strip = slice(top, top + _STRIP_ROWS + border)
        total += float(_similarity(a[strip], b[strip]).sum())
    positions: int = (a.shape[0] - border) * (a.shape[1] - border)
    return total / positions


def ssim(a: npt.NDArray[np.uint8], b: npt.NDArray[np.uint8], channel: Channel, shave: int) -> float:
    """Return the structural similarity (Wang et al. 2004): 11x11 Gaussian window, sigma 1.5.

    The mean over the pixels where the window fits, and over R, G and B for `rgb`.

    Raises:
        ValueError: the images are not RGB, their shapes differ, or less than 11x11 pixels are
            left after shaving.
    """
    _check_pair(a, b, channel)
    left, right = _prepare(a, channel, shave), _prepare(b, channel, shave)
    if min(left.shape[:2]) < _WINDOW_SIZE:
        raise ValueError(
            f"SSIM needs 11x11 pixels after shaving, got {left.shape[1]}x{left.shape[0]}"
        )
    planes = range(left.shape[2])
    return float(np.mean([_ssim_plane(left[..., c], right[..., c]) for c in planes]))
