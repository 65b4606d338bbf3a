"""How far a change of the input is felt in the result, and what a part of the result is made of."""

from __future__ import annotations

from typing import NamedTuple, Tuple

from pcsr_edge.runtime.video.regions import Box

CHROMA = 2
"""LR pixels along the side of a chroma sample."""
CHANGED = 3
"""LR pixels around a chroma sample whose colours change with it, when chroma is enlarged to the
size of luma."""
ENLARGED = 4
"""LR pixels around one that hold the chroma that its colour is made of."""
REDUCED = 4
"""SR pixels around a chroma sample of the result that it is made of, and that it is felt in."""


class Reach(NamedTuple):
    """Of a model, with what makes its input of planes and planes of its result."""

    radius: int
    """LR pixels that the network looks around itself."""
    scale: int
    """Whole magnification of both axes."""
    smoothing: int = 0
    """SR pixels that refinement looks around itself."""
    block: int = 1
    """LR pixels along the side of what gets one class, on a grid from the corner of the frame."""

    def changed(self, box: Box, size: Tuple[int, int]) -> Box:
        """Return which pixels may change with the input in `box`, in a frame of (h, w)."""
        cells = box.grown(self.radius + CHANGED, size).on_grid(self.block, size)
        return cells.grown(self._smoothed, size).on_grid(CHROMA, size)

    def needed(self, box: Box, size: Tuple[int, int]) -> Box:
        """Return the input that gives, upscaled by itself, the same pixels in `box`."""
        cells = box.grown(self._smoothed, size).on_grid(self.block, size)
        window = cells.grown(self.radius + ENLARGED, size)
        # Both grids have sides of twice an odd block.
        return window.on_grid(self.block * (1 if self.block % CHROMA == 0 else CHROMA), size)

    def coded(self, box: Box, size: Tuple[int, int]) -> Box:
        """Return where planes change with pixels in `box`, and what planes in it are made of."""
        return box.grown(-(-REDUCED // self.scale), size).on_grid(CHROMA, size)

    @property
    def _smoothed(self) -> int:
        """LR pixels by which refinement looks around itself."""
        return -(-self.smoothing // self.scale)
