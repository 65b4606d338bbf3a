"""Results by phase, as networks of one scale give them: from planes of cells to a picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.pixels import from_unit


def write_phases(phases: npt.NDArray[np.float32], out: npt.NDArray[Any]) -> None:
    """Write values in about [0, 1] to pixels in their dtype: clipped, rounded.

    Args:
        phases: (3·scale², h, w), channel c*scale² + phase; overwritten.
        out: (h*scale, w*scale, 3), a view into the picture.
    """
    scale = out.shape[0] // phases.shape[1]
    rounded = np.empty(phases.shape, dtype=out.dtype)
    from_unit(phases, rounded)
    # Rounded in one piece, then plane by plane to every scale-th pixel: several times faster
    # than one assignment, which walks along the shortest axis.
    for index, plane in enumerate(rounded):
        channel, phase = divmod(index, scale * scale)
        out[phase // scale :: scale, phase % scale :: scale, channel] = plane
