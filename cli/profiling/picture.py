"""The pictures that are measured: any size, from one photograph."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

import numpy as np
import numpy.typing as npt

from pcsr_edge.cli.demo import PHOTO
from pcsr_edge.cli.values import Size
from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.images import MAX_PIXELS, read_picture
from pcsr_edge.runtime.images.planes import to_8_bit

Pixels = npt.NDArray[np.uint8]


def read_sample(path: Optional[Path]) -> Pixels:
    """Return a picture as uint8 (h, w, 3); None reads the photograph that comes along.

    Raises:
        InputError: it cannot be read.
    """
    return to_8_bit(read_picture(path or PHOTO).rgb)


def of_size(picture: Pixels, size: Size) -> Pixels:
    """Cut a picture from its middle, or mirror it at its edges, to a size.

    It is not resized: that would make it smoother or rougher than pictures of that size are,
    and networks with classes quicker or slower than they are.

    Args:
        picture: uint8 (h, w, 3).
        size: of the result.

    Raises:
        UsageError: it has more pixels than any picture that is read.
    """
    check_pixels(size)
    rows = _places(picture.shape[0], size.height)
    columns = _places(picture.shape[1], size.width)
    return np.ascontiguousarray(picture[rows[:, None], columns])


def check_pixels(size: Size) -> None:
    """Refuse a size that no picture may have.

    Raises:
        UsageError: it has more than `MAX_PIXELS`.
    """
    if size.width * size.height > MAX_PIXELS:
        raise UsageError(f"size {size} has too many pixels; expected at most {MAX_PIXELS:,}")


def _places(have: int, want: int) -> npt.NDArray[np.int64]:
    """Return which of `have` pixels stand in a row of `want`."""
    start = (have - want) // 2
    turn = np.arange(start, start + want) % (2 * have)
    return np.minimum(turn, 2 * have - 1 - turn)
