"""What a tile takes while it is worked on: the model behind the memory limit.

Its constants are measured (peak of resident memory, Linux, ONNX Runtime 1.19 and 1.31) and chosen
so that the peak stays below the model; it may be less.
"""

from __future__ import annotations

import math
from typing import Sequence, Tuple

from pcsr_edge.runtime.cascade_frame import BLOCKS_PER_CALL
from pcsr_edge.runtime.geometry import Axis
from pcsr_edge.runtime.luma import BLOCK_COLUMNS, block_rows
from pcsr_edge.runtime.manifest import Manifest
from pcsr_edge.runtime.patch_area import PATCHES_PER_CALL
from pcsr_edge.runtime.queries import CACHE_BYTES
from pcsr_edge.runtime.strip import CELLS_PER_STRIP
from pcsr_edge.runtime.tile_job import QUERIES_PER_BAND
from pcsr_edge.runtime.tiling import even_part

Axes = Tuple[Axis, Axis]

PCSR_BACKBONE = 3.0
"""Bytes that a backbone takes, by those of its live activations. The engine's arena grows by
powers of two: up to 2.4 over windows of changing size. The projections are handed over as copies:
at most half the activations, which hold them twice."""
PLAIN_NETWORK = 2.0
"""The same for plain networks: the arena up to 1.5, the result's copy a third."""
EDGE_NETWORK = 4.0
"""The same for edge-SR networks, whose blocks are small beside what the arena takes at a time."""
EDGE_BYTES_PER_QUERY = 64
"""Of an edge-SR block beside the network: luma, chroma and RGB as float32, and copies of them."""
CASCADE_TRUNK = 2.0
"""The same for the trunk of a cascade, whose outputs stay for the whole tile."""
CASCADE_DEEP = 2.0
"""The same for the deep part, whose blocks are counted as if one layer had all its FLOPs."""
SUBNET = 2.0
"""The same for the subnets of a supernet, whose patches go through a few at a time."""
HEAD = 2.0
"""The same for classifier and upsamplers, whose activations are two hidden layers."""
WINDOW_FLOATS = 6
"""Per LR pixel: the window as planes and as pixels."""
BYTES_PER_QUERY = 17
"""Of a tile's canvas (3 float32), class map, and difficulty for ADM."""
BAND_BYTES_PER_QUERY = 96
"""Of a band beside the heads: bilinear base with its two neighbours, indices, logits."""


def pcsr_tile_bytes(
    manifest: Manifest, threads: int, axes: Axes, side: int, batches: Sequence[int]
) -> int:
    """Return the most bytes that a tile of `side` cells takes on its way through a PCSR network.

    Args:
        manifest: of the network.
        threads: strips and bands that are worked on at once, where a tile has so many.
        axes: vertical and horizontal axis of the frame.
        side: LR pixels along the tile's core.
        batches: queries that go through the upsampler of each class at a time.
    """
    halo = manifest.receptive_field
    sides = _sides(axes, side)
    height, width = (_window(axis, part, halo) for axis, part in zip(axes, sides))
    strips = max(threads, -(-height * width // CELLS_PER_STRIP))
    # Strips lie across the longer side.
    if height >= width:
        cells = _cells_of_strips(axes, sides, halo, strips)
    else:
        cells = _cells_of_strips(axes[::-1], sides[::-1], halo, strips)
    height, width = (_outer(axis, part) for axis, part in zip(axes, sides))
    # A band has whole rows of cells, and one at least.
    lowest = -(-axes[0].n_hr // axes[0].n_lr)
    band = width * min(height, max(lowest, QUERIES_PER_BAND // width))
    # Strips have bands of their own: each thread has one, however small the tile is.
    at_once = min(height * width, threads * band)
    per_cell = PCSR_BACKBONE * manifest.activation_floats_per_cell + WINDOW_FLOATS
    # Below scale 1 the rows between which the base is mixed are wider than those of the band.
    narrowing = max(1.0, axes[1].n_lr / axes[1].n_hr)
    heads = _head_bytes(manifest, at_once, [threads * batch for batch in batches])
    bands = at_once * BAND_BYTES_PER_QUERY * narrowing + heads
    whole = height * width * BYTES_PER_QUERY + CACHE_BYTES
    return math.ceil(4 * per_cell * cells + bands + whole)


def plain_tile_bytes(manifest: Manifest, threads: int, axes: Axes, side: int) -> int:
    """Return the most bytes that a tile of `side` cells takes on its way through a plain network.

    Args:
        manifest: of the network.
        threads: strips that are worked on at once, each with a halo of its own.
        axes: vertical and horizontal axis of the frame.
        side: LR pixels along the tile's core.
    """
    sides = _sides(axes, side)
    cells = _cells_of_strips(axes, sides, manifest.receptive_field, threads)
    per_cell = PLAIN_NETWORK * manifest.activation_floats_per_cell + WINDOW_FLOATS
    return math.ceil(4 * per_cell * cells)


def _sides(axes: Axes, side: int) -> Tuple[int, int]:
    """Return the most cells along the sides of a tile's core, as `plan_tiles` cuts it."""
    return even_part(axes[0].n_lr, side), even_part(axes[1].n_lr, side)


def _cells_of_strips(axes: Axes, sides: Tuple[int, int], halo: int, strips: int) -> int:
    """Return the cells that a tile's strips of rows see, each with a halo of its own."""
    height, width = (_window(axis, part, halo) for axis, part in zip(axes, sides))
    strips = max(1, min(strips, sides[0] // max(halo, 1)))
    return (height + (strips - 1) * 2 * _margin(axes[0], halo)) * width


def cascade_tile_bytes(manifest: Manifest, threads: int, axes: Axes, side: int) -> int:
    """Return the most bytes that a tile of `side` cells takes on its way through a cascade.

    Args:
        manifest: of the network.
        threads: strips, and batches of blocks, that are worked on at once.
        axes: vertical and horizontal axis of the frame.
        side: LR pixels along the tile's core; it is cut down to whole blocks, at least one.
    """
    block, seen = manifest.block, manifest.block + 2 * manifest.margin
    rows = max(1, side // block)
    # The last block of an axis ends with the picture: up to a block more is seen before it.
    height, width = (_window(axis, (rows + 1) * block, manifest.receptive_field) for axis in axes)
    height += (min(threads, rows) - 1) * 2 * (manifest.receptive_field + 1)
    per_cell = CASCADE_TRUNK * manifest.activation_floats_per_cell + WINDOW_FLOATS
    deep = CASCADE_DEEP * threads * BLOCKS_PER_CALL * seen**2 * _deep_floats(manifest)
    return math.ceil(4 * (per_cell * height * width + deep))


def patch_tile_bytes(manifest: Manifest, threads: int, axes: Axes, side: int) -> int:
    """Return the most bytes that a tile of `side` cells takes on its way through a supernet.

    Args:
        manifest: of the network.
        threads: batches of patches that are worked on at once.
        axes: vertical and horizontal axis of the frame.
        side: LR pixels along the tile's core; it is cut down to whole cores, at least one.
    """
    assert isinstance(manifest.scale, int)
    patch, step = manifest.patch, manifest.step
    height, width = (min(axis.n_lr, max(side, patch)) for axis in axes)
    # A patch that touches the tile is kept as a whole, with all that overlaps.
    kept = math.prod((-(-cells // step) + 2) * patch for cells in (height, width))
    phases = 3 * manifest.scale**2
    seen = min(patch + 2 * manifest.receptive_field, max(axes[0].n_lr, axes[1].n_lr))
    window = threads * PATCHES_PER_CALL * seen**2
    per_cell = SUBNET * manifest.activation_floats_per_cell + WINDOW_FLOATS
    return math.ceil(4 * (phases * (kept + 2 * height * width) + per_cell * window))


def edge_tile_bytes(manifest: Manifest, threads: int, axes: Axes, side: int) -> int:
    """Return the most bytes that a tile of `side` cells takes on its way through edge-SR.

    Args:
        manifest: of the network.
        threads: blocks that are worked on at once, where a tile has so many.
        axes: vertical and horizontal axis of the frame.
        side: LR pixels along the tile's core.
    """
    height, width = (min(axis.n_lr, side) for axis in axes)
    width = min(width, BLOCK_COLUMNS)
    height = min(height, block_rows(manifest, width))
    window = (height + 2 * manifest.receptive_field) * (width + 2 * manifest.receptive_field)
    assert isinstance(manifest.scale, int)
    queries = height * width * manifest.scale**2
    floats = EDGE_NETWORK * manifest.activation_floats_per_cell + WINDOW_FLOATS
    return math.ceil(threads * (4 * floats * window + EDGE_BYTES_PER_QUERY * queries))


def _window(axis: Axis, side: int, halo: int) -> int:
    """Return the cells that a tile sees along an axis."""
    return min(axis.n_lr, side + 2 * _margin(axis, halo))


def _margin(axis: Axis, halo: int) -> int:
    """Return the cells that a tile sees beyond each end of its core."""
    # The query beyond the core, and what its cell sees: bilinear upsampling one more at least.
    return -(-axis.n_lr // axis.n_hr) + max(halo, 1)


def _outer(axis: Axis, side: int) -> int:
    """Return the queries of a tile along an axis."""
    return min(axis.n_hr, -(-side * axis.n_hr // axis.n_lr) + 2)


def _head_bytes(manifest: Manifest, queries: int, batches: Sequence[int]) -> float:
    """Return what the heads take for the bands at work; the arena of each keeps its own."""
    floats = queries * _two_layers(manifest.classifier_flops_per_query)
    for each, batch in zip(manifest.classes, batches):
        floats += min(queries, batch) * _two_layers(each.flops_per_query)
    return HEAD * 4 * floats


def _deep_floats(manifest: Manifest) -> float:
    """Return the numbers per cell that two layers of a cascade's deep part hold, at most."""
    assert isinstance(manifest.scale, int)
    heavy, light = (each.flops_per_query for each in manifest.classes)
    # A 3 x 3 layer from C to C floats has 18 C² FLOPs a cell; the deep part has several of them.
    return 2 * math.sqrt(max(heavy - light, 0) * manifest.scale**2 / 18) + 3 * manifest.scale**2


def _two_layers(flops_per_query: float) -> float:
    # A layer from C to C floats has 2 C² FLOPs, and a head has several: about 2 C comes out.
    return math.sqrt(flops_per_query / 2)
