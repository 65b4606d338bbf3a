"""Which parts of a frame must be computed again since the frame before."""

from __future__ import annotations

from typing import Callable, List, NamedTuple, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.yuv import Yuv

SIDE = 4
"""LR pixels along a tile; even, so that chroma samples belong to one."""
MOST = 0.75
"""Share of a frame beyond which it is computed as a whole."""
Mask = npt.NDArray[np.bool_]


class Box(NamedTuple):
    """A rectangle of LR pixels."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def area(self) -> int:
        """Pixels in it."""
        return (self.bottom - self.top) * (self.right - self.left)

    def grown(self, margin: int, size: Tuple[int, int]) -> Box:
        """Return it with a margin, within a frame of `size` (h, w)."""
        return Box(
            max(0, self.top - margin),
            max(0, self.left - margin),
            min(size[0], self.bottom + margin),
            min(size[1], self.right + margin),
        )

    def on_grid(self, side: int, size: Tuple[int, int]) -> Box:
        """Return all squares that it meets of a grid from the corner of a frame of `size` (h, w).

        The last ones may be narrower; what is computed for them may begin in those before.
        """
        top, bottom = _on_grid(self.top, self.bottom, side, size[0])
        left, right = _on_grid(self.left, self.right, side, size[1])
        return Box(top, left, bottom, right)

    def within(self, other: Box) -> Box:
        """Return it in coordinates from the corner of a box around it."""
        top, left = other.top, other.left
        return Box(self.top - top, self.left - left, self.bottom - top, self.right - left)

    def times(self, scale: int) -> Box:
        """Return the SR pixels over it."""
        return Box(*(scale * edge for edge in self))

    def slices(self) -> Tuple[slice, slice]:
        """Return it as the index of an array of pixels."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def meets(self, other: Box) -> bool:
        """Return whether they have a pixel in common."""
        apart = self.bottom <= other.top or other.bottom <= self.top
        return not (apart or self.right <= other.left or other.right <= self.left)

    def joined(self, other: Box) -> Box:
        """Return the least box around both."""
        return Box(
            min(self.top, other.top),
            min(self.left, other.left),
            max(self.bottom, other.bottom),
            max(self.right, other.right),
        )

    def cut(self, planes: Yuv) -> Yuv:
        """Return its part of planes; its top and left are even."""
        half = np.s_[self.top // 2 : (self.bottom + 1) // 2, self.left // 2 : (self.right + 1) // 2]
        luma = planes.y[self.top : self.bottom, self.left : self.right]
        return Yuv(luma, planes.cb[half], planes.cr[half])


def changed_tiles(planes: Yuv, before: Yuv, threshold: int) -> Mask:
    """Return which tiles hold a sample that differs by more than `threshold` codes.

    Returns:
        (ceil(h / SIDE), ceil(w / SIDE)).
    """
    mask = _by_tile(_differs(planes.y, before.y, threshold), SIDE)
    for new, old in ((planes.cb, before.cb), (planes.cr, before.cr)):
        mask |= _by_tile(_differs(new, old, threshold), SIDE // 2)
    return mask


def paste_tiles(planes: Yuv, target: Yuv, tiles: Mask) -> None:
    """Copy the samples of some tiles, a mask of `changed_tiles`, to planes of the same size."""
    for new, plane, side in zip(planes, target, (SIDE, SIDE // 2, SIDE // 2)):
        mask = tiles.repeat(side, axis=0).repeat(side, axis=1)
        np.copyto(plane, new, where=mask[: plane.shape[0], : plane.shape[1]])


def boxes_to_compute(tiles: Mask, felt: Callable[[Box], Box]) -> List[Box]:
    """Return disjoint boxes of all pixels that a changed tile can reach.

    Args:
        tiles: of `changed_tiles`.
        felt: returns where a change in a box is felt.
    """
    boxes = [
        felt(Box(row * SIDE, left * SIDE, (row + 1) * SIDE, right * SIDE))
        for row in range(tiles.shape[0])
        for left, right in _runs(tiles[row])
    ]
    merged: List[Box] = []
    for box in boxes:
        merged = _merged(merged, box)
    return merged


def most_changed(tiles: Mask, size: Tuple[int, int]) -> bool:
    """Return whether changed tiles alone are too much, so that boxes around them need no search.

    Args:
        tiles: of `changed_tiles`.
        size: (h, w) of the frame.
    """
    # Those at the ends may be narrower.
    whole = int(np.count_nonzero(tiles[: size[0] // SIDE, : size[1] // SIDE]))
    return whole * SIDE * SIDE > MOST * size[0] * size[1]


def worth_it(windows: List[Box], size: Tuple[int, int]) -> bool:
    """Return whether computing boxes is less work than the frame."""
    return sum(window.area for window in windows) <= MOST * size[0] * size[1]


def _on_grid(start: int, stop: int, side: int, end: int) -> Tuple[int, int]:
    start, stop = start // side * side, min(-(-stop // side) * side, end)
    if stop > end - side:
        return min(start, max(0, end - side) // side * side), end
    return start, stop


def _merged(boxes: List[Box], box: Box) -> List[Box]:
    """Add a box, joining those that meet it until none does."""
    while True:
        met = next((other for other in boxes if other.meets(box)), None)
        if met is None:
            return [*boxes, box]
        boxes = [other for other in boxes if other is not met]
        box = box.joined(met)


def _runs(row: Mask) -> List[Tuple[int, int]]:
    """Return where the runs of a row begin and end."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], row, [False]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2])]


def _differs(new: npt.NDArray[np.generic], old: npt.NDArray[np.generic], threshold: int) -> Mask:
    if threshold == 0:
        return np.asarray(new != old)
    return np.asarray(np.abs(new.astype(np.int32) - old.astype(np.int32)) > threshold)


def _by_tile(mask: Mask, side: int) -> Mask:
    rows = np.logical_or.reduceat(mask, np.arange(0, mask.shape[0], side), axis=0)
    return np.asarray(
        np.logical_or.reduceat(rows, np.arange(0, mask.shape[1], side), axis=1), dtype=np.bool_
    )
