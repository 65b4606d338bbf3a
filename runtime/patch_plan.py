"""How a supernet's frame is cut into tiles of patches."""

from __future__ import annotations

from typing import List, NamedTuple, Optional, Tuple

from pcsr_edge.runtime.geometry import FloatArray, Span
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.method import FrameRequest
from pcsr_edge.runtime.patch_grid import Cut, PatchGrid, cut_lines, patch_grid, shares
from pcsr_edge.runtime.tiling import Tile

Shares = Tuple[FloatArray, FloatArray]
"""`patch_grid.shares` of the grid's rows and of its columns."""


class PatchPlan(NamedTuple):
    """The patches of one frame."""

    grid: PatchGrid
    halo: int
    """LR pixels around a core that a subnet sees; 0: patches overlap and are averaged."""
    shares: Optional[Shares]
    """By which patches are averaged; None where they have a halo."""
    cuts: List[Cut]
    """The patches whose cores make each tile."""
    tiles: List[Tile]
    """As many as cuts."""


def plan_patches(manifest: Manifest, request: FrameRequest) -> PatchPlan:
    """Cut a frame into tiles of whole patches."""
    height, width = request.image.shape[:2]
    grid = patch_grid((height, width), manifest.patch, manifest.step)
    halo = manifest.receptive_field if request.halo else 0
    cuts = [
        (rows, cols)
        for rows in cut_lines(grid.rows, request.side)
        for cols in cut_lines(grid.cols, request.side)
    ]
    assert isinstance(manifest.scale, int)
    tiles = [_tile(grid, cut, halo, (height, width), manifest.scale) for cut in cuts]
    return PatchPlan(grid, halo, None if halo else _shares(manifest, grid), cuts, tiles)


def _shares(manifest: Manifest, grid: PatchGrid) -> Shares:
    overlap = manifest.patch - manifest.step
    down, across = (shares(lines, overlap, manifest.blend) for lines in grid)
    return down, across


def _tile(grid: PatchGrid, cut: Cut, halo: int, size: Tuple[int, int], scale: int) -> Tile:
    lines = grid.rows[cut[0].slice()], grid.cols[cut[1].slice()]
    cores = grid.cores(cut)
    made = [Span(core.start * scale, core.stop * scale) for core in cores]
    seen: List[Span] = []
    for line, core, limit in zip(lines, cores, size):
        whole = Span(line[0].seen.start, line[-1].seen.stop)
        seen.append(core.grow(halo, limit) if halo else whole)
    return Tile(made[0], made[1], made[0], made[1], seen[0], seen[1])
