"""RGB to luma and chroma planes and back: matrix and range are always named, never guessed.

Formulas: ITU-R BT.601-7, BT.709-6 and BT.2020-2 (non-constant luminance); the scaling of codes:
ITU-T H.273, section 8.3. RGB is gamma-coded and of full range.

Planes are float32, in 255ths as codes of 8 bit are, whatever the depth:

| range | black, white | luma spans | chroma | chroma spans |
| --- | --- | --- | --- | --- |
| FULL | 0, 255 | 255 | 128 | ±127.5 |
| STUDIO | 16, 235 | 219 | 128 (16…240) | ±112 |

all divided by 255. `codes.py` turns codes of 8 to 16 bit, as video holds them, into such planes.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, NamedTuple, Optional

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.array_module import array_module
from pcsr_edge.runtime.buffers import FRESH, Allocator
from pcsr_edge.runtime.pixels import LIMITS

Plane = npt.NDArray[np.float32]

MIDDLE = 128 / 255
"""Chroma of gray."""
_BAND_PIXELS = 2**17
"""Pixels worked on at a time, so that their planes stay in the cache."""


class Matrix(Enum):
    """How much red and blue there is in luma; green is the rest."""

    BT601 = (0.299, 0.114)
    """SD video and JPEG."""
    BT709 = (0.2126, 0.0722)
    """HD video."""
    BT2020 = (0.2627, 0.0593)
    """UHD video, non-constant luminance."""

    @property
    def red(self) -> float:
        """Weight of red in luma."""
        return self.value[0]

    @property
    def green(self) -> float:
        """Weight of green in luma."""
        return 1 - self.red - self.blue

    @property
    def blue(self) -> float:
        """Weight of blue in luma."""
        return self.value[1]

    @property
    def weights(self) -> npt.NDArray[np.float64]:
        """Weights of red, green and blue in luma: they add up to 1."""
        return np.array([self.red, self.green, self.blue])


class Range(Enum):
    """Which codes mean black, white and the strongest colour; in codes of 8 bit."""

    FULL = (0, 255, 255)
    """JPEG, `pc` in FFmpeg."""
    STUDIO = (16, 219, 224)
    """Nearly all video, `tv` in FFmpeg; MATLAB's `rgb2ycbcr`."""

    @property
    def black(self) -> int:
        """Luma of black."""
        return self.value[0]

    @property
    def luma_span(self) -> int:
        """From the luma of black to that of white."""
        return self.value[1]

    @property
    def chroma_span(self) -> int:
        """From the least chroma to the greatest."""
        return self.value[2]


class YCbCr(NamedTuple):
    """Three planes of one size, see the head of this module."""

    y: Plane
    cb: Plane
    cr: Plane


def rgb_to_ycbcr(
    rgb: npt.NDArray[Any], matrix: Matrix, swing: Range, memory: Allocator = FRESH
) -> YCbCr:
    """Split pixels into planes.

    Args:
        rgb: (h, w, 3), uint8, uint16, or float32 in [0, 1]; an array of NumPy or of a device.
        matrix: that the planes shall have.
        swing: range that the planes shall have.
        memory: makes the planes.

    Returns:
        Float32 (h, w) planes, contiguous, neither rounded nor clipped.

    Raises:
        ValueError: `rgb` is of another shape or dtype.
    """
    _check_pixels(rgb)
    xp = array_module(rgb)
    height, width = rgb.shape[:2]
    # Of a device, its own library is the allocator.
    planes = YCbCr(*(memory if xp is np else xp).empty((3, height, width), np.float32))
    # A device has no cache to keep to.
    rows = max(1, _BAND_PIXELS // max(width, 1)) if xp is np else height
    scratch = xp.empty((min(rows, height), width), np.float32)
    for top in range(0, height, rows):
        band = slice(top, top + rows)
        _split(rgb[band], YCbCr(*(p[band] for p in planes)), scratch, matrix, swing)
    return planes


def _split(
    rgb: npt.NDArray[Any], planes: YCbCr, scratch: Plane, matrix: Matrix, swing: Range
) -> None:
    (y, cb, cr), xp = planes, array_module(rgb)
    term = scratch[: len(y)]
    red, green, blue = (_plain(rgb[..., index], plane) for index, plane in enumerate((cr, y, cb)))
    xp.multiply(green, np.float32(matrix.green), out=y)
    y += xp.multiply(red, np.float32(matrix.red), out=term)
    y += xp.multiply(blue, np.float32(matrix.blue), out=term)
    unit = 1 / (255 * LIMITS[rgb.dtype.name])
    for plane, channel, weight in ((cb, blue, matrix.blue), (cr, red, matrix.red)):
        xp.subtract(channel, y, out=plane)
        _scale_and_add(plane, swing.chroma_span * unit / (2 - 2 * weight), MIDDLE, plane)
    _scale_and_add(y, swing.luma_span * unit, swing.black / 255, y)


def _plain(channel: npt.NDArray[Any], room: Plane) -> Plane:
    """Return float32 values that lie one after the other: as they are, or copied into `room`."""
    if channel.dtype == np.float32 and channel.strides[1] == channel.itemsize:
        return channel
    array_module(room).copyto(room, channel)
    return room


def ycbcr_to_rgb(
    y: Plane,
    cb: Plane,
    cr: Plane,
    matrix: Matrix,
    swing: Range,
    out: Optional[npt.NDArray[Any]] = None,
) -> npt.NDArray[Any]:
    """Join planes to pixels, clipped to black and white, and rounded where they are integers.

    Args:
        y: float32 (h, w); it may be any view, as the other two.
        cb: of the same size; chroma of half the size is to be enlarged first.
        cr: likewise.
        matrix: that the planes have.
        swing: range that the planes have.
        out: (h, w, 3), uint8, uint16 or float32, to be filled; by default a new float32 one.

    Returns:
        RGB (h, w, 3), full range: `out`.

    Raises:
        ValueError: the sizes differ, or `out` is of another shape or dtype.
    """
    pixels: npt.NDArray[Any] = np.empty((*y.shape, 3), np.float32) if out is None else out
    _check_pixels(pixels)
    if not y.shape == cb.shape == cr.shape == pixels.shape[:2]:
        raise ValueError(
            f"planes of {y.shape}, {cb.shape} and {cr.shape} do not make pixels of {pixels.shape}"
        )
    height, width = y.shape
    rows = max(1, _BAND_PIXELS // max(width, 1))
    scratch = np.empty((4, min(rows, height), width), np.float32)
    for top in range(0, height, rows):
        band = slice(top, top + rows)
        planes = YCbCr(y[band], cb[band], cr[band])
        _join(planes, pixels[band], scratch[:, : len(planes.y)], matrix, swing)
    return pixels


def _join(
    planes: YCbCr, rgb: npt.NDArray[Any], scratch: Plane, matrix: Matrix, swing: Range
) -> None:
    white = LIMITS[rgb.dtype.name]
    # Half a step and truncation rounds; floats are not rounded.
    half = 0 if white == 1 else 0.5
    channels, term = scratch[:3], scratch[3]
    red, green, blue = channels
    gain = 255 * white / swing.luma_span
    _scale_and_add(planes.y, gain, half - gain * swing.black / 255, green)
    offset = 0.0
    pairs = ((blue, planes.cb, matrix.blue), (red, planes.cr, matrix.red))
    for channel, chroma, weight in pairs:
        gain = 255 * white * (2 - 2 * weight) / swing.chroma_span
        _scale_and_add(chroma, gain, -gain * MIDDLE, channel)
        np.add(channel, green, out=channel)
    for _, chroma, weight in pairs:
        gain = 255 * white * (2 - 2 * weight) / swing.chroma_span * weight / matrix.green
        green -= np.multiply(chroma, np.float32(gain), out=term)
        offset += gain * MIDDLE
    green += np.float32(offset)
    np.clip(channels, 0, np.float32(white + half), out=channels)
    for index, channel in enumerate(channels):
        # One by one: over all three NumPy would make inner loops of three values.
        np.copyto(rgb[..., index], channel, casting="unsafe")


def _scale_and_add(plane: Plane, gain: float, offset: float, out: Plane) -> None:
    array_module(plane).multiply(plane, np.float32(gain), out=out)
    out += np.float32(offset)


def _check_pixels(rgb: npt.NDArray[Any]) -> None:
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype.name not in LIMITS:
        raise ValueError(
            f"expected RGB of shape (h, w, 3) in uint8, uint16 or float32, got {rgb.shape} "
            f"in {rgb.dtype}"
        )
