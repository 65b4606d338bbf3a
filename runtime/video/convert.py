"""4:2:0 planes of video to RGB and back: chroma is resampled by bicubic interpolation."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any, Callable, List, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.bicubic import fill
from pcsr_edge.runtime.buffers import FRESH, Allocator
from pcsr_edge.runtime.codes import code_dtype, from_codes, to_codes
from pcsr_edge.runtime.colour import BAND_PIXELS, Matrix, YCbCr, rgb_to_ycbcr, ycbcr_to_rgb
from pcsr_edge.runtime.crew import ALONE, Crew
from pcsr_edge.runtime.geometry import Span
from pcsr_edge.runtime.sampling import Sampling, Siting
from pcsr_edge.runtime.yuv import Yuv, YuvFormat

_HALF = Fraction(1, 2)


def to_rgb(
    frame: Yuv, form: YuvFormat, matrix: Matrix, memory: Allocator = FRESH, crew: Crew = ALONE
) -> npt.NDArray[np.float32]:
    """Turn a frame into RGB: float32 (h, w, 3) in [0, 1], made by `memory`.

    Floats, so that a frame is rounded once, on its way back, and 10 bits stay 10 bits.
    """
    height, width = frame.y.shape
    rgb: npt.NDArray[np.float32] = memory.empty((height, width, 3), np.float32)
    chroma = _pair(height, width, memory)
    planes = [
        from_codes(plane, form.bits, form.swing, chroma=True) for plane in (frame.cb, frame.cr)
    ]
    axes = _axes(planes[0].shape, (height, width), (Fraction(2), Fraction(2)), form.siting)

    def enlarge(number: int, rows: Span) -> None:
        fill(planes[number], axes, rows, Span(0, width), chroma[number, rows.slice()])

    def join(rows: Span) -> None:
        band = rows.slice()
        luma = from_codes(frame.y[band], form.bits, form.swing, chroma=False)
        ycbcr_to_rgb(luma, chroma[0, band], chroma[1, band], matrix, form.swing, rgb[band])

    _both(crew, enlarge, height)
    crew.map(join, _bands(height, width, crew))
    return rgb


def from_rgb(
    rgb: npt.NDArray[np.float32],
    form: YuvFormat,
    matrix: Matrix,
    memory: Allocator = FRESH,
    crew: Crew = ALONE,
) -> Yuv:
    """Turn RGB (h, w, 3), float32 in [0, 1], into a frame, made by `memory`."""
    height, width = rgb.shape[:2]
    half = (height + 1) // 2, (width + 1) // 2
    codes = Yuv(
        *(memory.empty(size, code_dtype(form.bits)) for size in ((height, width), half, half))
    )
    chroma = _pair(height, width, memory)
    axes = _axes((height, width), half, (_HALF, _HALF), form.siting)

    def split(rows: Span) -> None:
        band = rows.slice()
        luma = memory.empty((len(rows), width), np.float32)
        rgb_to_ycbcr(rgb[band], matrix, form.swing, YCbCr(luma, *chroma[:, band]))
        # In the cache still.
        to_codes(luma, form.bits, form.swing, chroma=False, out=codes.y[band], memory=memory)

    def reduce(number: int, rows: Span) -> None:
        plane = memory.empty((len(rows), half[1]), np.float32)
        fill(chroma[number], axes, rows, Span(0, half[1]), plane)
        target = codes[1 + number][rows.slice()]
        to_codes(plane, form.bits, form.swing, chroma=True, out=target, memory=memory)

    crew.map(split, _bands(height, width, crew))
    _both(crew, reduce, half[0])
    return codes


def _pair(height: int, width: int, memory: Allocator) -> npt.NDArray[np.float32]:
    """Return two planes of any content, (2, h, w)."""
    # Not asked for as such: three axes would be those of a picture.
    stacked: npt.NDArray[np.float32] = memory.empty((2 * height, width), np.float32)
    return stacked.reshape(2, height, width)


def _bands(height: int, width: int, crew: Crew) -> List[Span]:
    """Return rows to be worked on at a time: few enough for the cache, some for each thread."""
    return Span(0, height).parts(max(crew.threads, -(-height * width // BAND_PIXELS)))


def _both(crew: Crew, work: Callable[[int, Span], None], height: int) -> None:
    """Let all threads work on both planes of chroma, rows 0…height-1."""
    parts = Span(0, height).parts(crew.threads)
    crew.map(work, *zip(*product((0, 1), parts)))


def subsampled(codes: npt.NDArray[Any], luma: Tuple[int, int], form: YuvFormat) -> npt.NDArray[Any]:
    """Bring a plane of chroma to 4:2:0.

    Args:
        codes: (h, w), of as many samples as luma along each axis, or of a part of them.
        luma: (h, w) of luma.
        form: of the result; the samples of `codes` lie by the same siting.

    Returns:
        (ceil(h/2), ceil(w/2)) codes of the same dtype.
    """
    half = (luma[0] + 1) // 2, (luma[1] + 1) // 2
    # Of sizes that were rounded up, the magnification is that of whole samples.
    scale = [Fraction(round(n_luma / n_codes), 2) for n_luma, n_codes in zip(luma, codes.shape)]
    plane = from_codes(codes, form.bits, form.swing, chroma=True)
    resampled = np.empty(half, np.float32)
    axes = _axes(plane.shape, half, (scale[0], scale[1]), form.siting)
    fill(plane, axes, Span(0, half[0]), Span(0, half[1]), resampled)
    return to_codes(resampled, form.bits, form.swing, chroma=True)


def _axes(
    n_in: Tuple[int, ...],
    n_out: Tuple[int, int],
    scale: Tuple[Fraction, Fraction],
    siting: Siting,
) -> Tuple[Sampling, Sampling]:
    """Return how chroma comes to other places; of what is not subsampled, or by the same siting."""
    # Sited amid two luma samples, the usual rule holds; sited upon the first, the first
    # samples of both fall together: that is a distance of 0 on both sides.
    down, across = (
        Sampling(old, new, magnification, quarters if quarters == 2 else 0)
        for old, new, magnification, quarters in zip(n_in, n_out, scale, siting.quarters)
    )
    return down, across
