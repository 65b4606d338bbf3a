"""Methods whose networks know one scale alone."""

from __future__ import annotations

from typing import Tuple

from pcsr_edge.errors import UsageError
from pcsr_edge.runtime.geometry import Axis
from pcsr_edge.runtime.manifest import Manifest


def check_own_scale(manifest: Manifest, axes: Tuple[Axis, Axis]) -> None:
    """Make sure that a frame has the scale that its model was trained for.

    Args:
        manifest: of the bundle; its scale is a whole number.
        axes: vertical and horizontal axis of the frame.

    Raises:
        UsageError: it has another.
    """
    scale = manifest.scale
    assert isinstance(scale, int)
    rows, cols = axes
    if (rows.n_hr, cols.n_hr) != (rows.n_lr * scale, cols.n_lr * scale):
        raise UsageError(
            f"model {manifest.name} is of method {manifest.method} and was trained for scale "
            f"{scale}: it makes {cols.n_lr * scale}x{rows.n_lr * scale} of "
            f"{cols.n_lr}x{rows.n_lr}, not {cols.n_hr}x{rows.n_hr}; take scale {scale}, or a "
            "model of method pcsr"
        )
