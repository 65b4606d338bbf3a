"""Codes of 8 to 16 bit, as video holds them, to the float32 planes of `colour.py` and back."""

from __future__ import annotations

from typing import Any, Tuple, Type, Union

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.buffers import FRESH, Allocator
from pcsr_edge.runtime.colour import MIDDLE, Plane, Range


def from_codes(codes: npt.NDArray[Any], bits: int, swing: Range, *, chroma: bool) -> Plane:
    """Turn a plane of codes, as video holds them, into float32 in 255ths.

    Args:
        codes: (h, w), uint8 for 8 bits, else uint16; any view.
        bits: depth of the codes, 8 to 16. In STUDIO range the codes of 8 bit times 2^(bits-8)
            mean the same; in FULL range white is 2^bits-1, and gray chroma 2^(bits-1).
        swing: range of the codes.
        chroma: whether it is Cb or Cr.

    Raises:
        ValueError: the dtype does not fit the depth, or there is no such depth.
    """
    if codes.dtype != _code_dtype(bits):
        raise ValueError(
            f"codes of {bits} bit come in {_code_dtype(bits).__name__}, got {codes.dtype}"
        )
    gain, offset = _coding(bits, swing, chroma)
    plane = codes.astype(np.float32)
    if offset:
        plane -= np.float32(offset)
    plane *= np.float32(1 / gain)
    return plane


def to_codes(
    plane: Plane, bits: int, swing: Range, *, chroma: bool, memory: Allocator = FRESH
) -> npt.NDArray[Any]:
    """Turn float32 in 255ths into codes, rounded and clipped to 0…2^bits-1; see `from_codes`.

    Returns:
        (h, w), uint8 for 8 bits, else uint16.

    Raises:
        ValueError: there is no such depth.
    """
    dtype = _code_dtype(bits)
    gain, offset = _coding(bits, swing, chroma)
    values = np.multiply(plane, np.float32(gain), out=memory.empty(plane.shape, np.float32))
    values += np.float32(offset + 0.5)
    np.clip(values, 0, np.float32(2**bits - 0.5), out=values)
    codes = memory.empty(plane.shape, dtype)
    np.copyto(codes, values, casting="unsafe")
    return codes


def _code_dtype(bits: int) -> Type[Union[np.uint8, np.uint16]]:
    if not 8 <= bits <= 16:
        raise ValueError(f"codes of {bits} bit are not known; expected 8 to 16")
    return np.uint8 if bits == 8 else np.uint16


def _coding(bits: int, swing: Range, chroma: bool) -> Tuple[float, float]:
    """Return gain and offset from 255ths to codes."""
    if swing is Range.STUDIO:
        return 255.0 * 2 ** (bits - 8), 0.0
    gain = 2.0**bits - 1
    return gain, 2 ** (bits - 1) - gain * MIDDLE if chroma else 0.0
