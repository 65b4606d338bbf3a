"""Luma through an edge-SR network, block by block."""

from __future__ import annotations

from typing import Any, Iterator, List, NamedTuple, Tuple

import numpy as np
import numpy.typing as npt

from pcsr_edge.runtime.engine import Engine
from pcsr_edge.runtime.geometry import Span
from pcsr_edge.runtime.manifest import Manifest

Plane = npt.NDArray[np.float32]

BLOCK_BYTES = 2 * 2**20
"""Activations of a block: about what the caches of a core hold."""
BLOCK_COLUMNS = 512
"""LR pixels along a block at most; long rows are read and written fastest."""


class Block(NamedTuple):
    """A part of a picture, in LR pixels."""

    rows: Span
    cols: Span

    def sr(self, scale: int) -> Tuple[slice, slice]:
        """Return its rows and columns in SR pixels."""
        return (
            slice(self.rows.start * scale, self.rows.stop * scale),
            slice(self.cols.start * scale, self.cols.stop * scale),
        )


class LumaNetwork:
    """The network of an edge-SR bundle, and the blocks it is best run on.

    One layer does little work per byte it writes, so blocks are as small as the caches are.
    The graph pads nothing: it takes a block with `radius` pixels around it.

    Args:
        manifest: of a bundle of method `edge-sr`.
        engine: `y` (1, 1, h + 2r, w + 2r) → `sr` (1, 1, h*scale, w*scale), r the radius.
    """

    def __init__(self, manifest: Manifest, engine: Engine) -> None:
        assert isinstance(manifest.scale, int)
        self.scale, self.radius = manifest.scale, manifest.receptive_field
        self._manifest, self._engine = manifest, engine

    def blocks(self, rows: Span, cols: Span, threads: int) -> List[Block]:
        """Cut a part of the picture, in LR pixels, into blocks; one per thread where possible."""
        width = min(len(cols), BLOCK_COLUMNS)
        height = min(block_rows(self._manifest, width), -(-len(rows) // threads))
        height = max(1, 2 * self.radius, height)
        return [
            Block(down, across) for down in _shares(rows, height) for across in _shares(cols, width)
        ]

    def run(self, window: Plane) -> Plane:
        """Super-resolve a block.

        Args:
            window: float32, the block and `radius` pixels around it, in 255ths, studio swing.

        Returns:
            float32 SR pixels of the block, not clipped.
        """
        y = np.ascontiguousarray(window)[None, None]
        out: Plane = self._engine.run({"y": y})["sr"][0, 0]
        return out

    def close(self) -> None:
        """Release the engine."""
        self._engine.close()


def block_rows(manifest: Manifest, width: int) -> int:
    """Return the rows of a block of so many LR pixels, where the picture has them.

    They are no fewer than twice the radius: lower blocks would mostly read, and hidden layers
    compute, what lies around them.
    """
    cells = BLOCK_BYTES // (4 * manifest.activation_floats_per_cell)
    return max(1, 2 * manifest.receptive_field, cells // width)


def cut(pixels: npt.NDArray[Any], block: Block, margin: int) -> npt.NDArray[Any]:
    """Return a block of (h, w) or (h, w, C) and `margin` on each side; the edge repeats outside.

    It is a view where nothing lies outside.
    """
    inside, outside = [], []
    for span, count in zip(block, pixels.shape):
        start, stop = span.start - margin, span.stop + margin
        inside.append(slice(max(0, start), min(stop, count)))
        outside.append((max(0, -start), max(0, stop - count)))
    window = pixels[tuple(inside)]
    if not any(map(any, outside)):
        return window
    # The channels have nothing outside.
    return np.pad(window, [*outside, (0, 0)][: pixels.ndim], mode="edge")


def _shares(span: Span, length: int) -> Iterator[Span]:
    """Cut a span into parts of about equal length, at most `length` each."""
    count = -(-len(span) // length)
    edges = [span.start + len(span) * i // count for i in range(count + 1)]
    return (Span(start, stop) for start, stop in zip(edges, edges[1:]))
