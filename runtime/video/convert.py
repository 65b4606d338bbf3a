"""4:2:0 planes of video to RGB and back: chroma is resampled by bicubic interpolation."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.bicubic import fill
from pcsr_edge.runtime.buffers import FRESH, Allocator
from pcsr_edge.runtime.codes import from_codes, to_codes
from pcsr_edge.runtime.colour import Matrix, Plane, rgb_to_ycbcr, ycbcr_to_rgb
from pcsr_edge.runtime.geometry import Span
from pcsr_edge.runtime.sampling import Sampling, Siting
from pcsr_edge.runtime.yuv import Yuv, YuvFormat

_HALF = Fraction(1, 2)


def to_rgb(
    frame: Yuv, form: YuvFormat, matrix: Matrix, memory: Allocator = FRESH
) -> npt.NDArray[np.float32]:
    """Turn a frame into RGB: float32 (h, w, 3) in [0, 1], made by `memory`.

    Floats, so that a frame is rounded once, on its way back, and 10 bits stay 10 bits.
    """
    size = frame.y.shape[0], frame.y.shape[1]
    luma = from_codes(frame.y, form.bits, form.swing, chroma=False)
    chroma = [
        _resampled(
            from_codes(plane, form.bits, form.swing, chroma=True),
            size,
            (Fraction(2), Fraction(2)),
            form.siting,
            memory,
        )
        for plane in (frame.cb, frame.cr)
    ]
    rgb: npt.NDArray[np.float32] = memory.empty((*size, 3), np.float32)
    ycbcr_to_rgb(luma, chroma[0], chroma[1], matrix, form.swing, rgb)
    return rgb


def from_rgb(
    rgb: npt.NDArray[np.float32], form: YuvFormat, matrix: Matrix, memory: Allocator = FRESH
) -> Yuv:
    """Turn RGB (h, w, 3), float32 in [0, 1], into a frame, made by `memory`."""
    y, cb, cr = rgb_to_ycbcr(rgb, matrix, form.swing, memory)
    half = (y.shape[0] + 1) // 2, (y.shape[1] + 1) // 2
    codes = [
        to_codes(
            _resampled(plane, half, (_HALF, _HALF), form.siting, memory),
            form.bits,
            form.swing,
            chroma=True,
            memory=memory,
        )
        for plane in (cb, cr)
    ]
    luma = to_codes(y, form.bits, form.swing, chroma=False, memory=memory)
    return Yuv(luma, codes[0], codes[1])


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
    resampled = _resampled(plane, half, (scale[0], scale[1]), form.siting, FRESH)
    return to_codes(resampled, form.bits, form.swing, chroma=True)


def _resampled(
    plane: Plane,
    size: Tuple[int, int],
    scale: Tuple[Fraction, Fraction],
    siting: Siting,
    memory: Allocator,
) -> Plane:
    """Bring chroma to other places; of what is not subsampled, or by the same siting."""
    axes = [
        # Sited amid two luma samples, the usual rule holds; sited upon the first, the first
        # samples of both fall together: that is a distance of 0 on both sides.
        Sampling(n_in, n_out, magnification, quarters if quarters == 2 else 0)
        for n_in, n_out, magnification, quarters in zip(plane.shape, size, scale, siting.quarters)
    ]
    out: Plane = memory.empty(size, np.float32)
    fill(plane, (axes[0], axes[1]), Span(0, size[0]), Span(0, size[1]), out)
    return out
