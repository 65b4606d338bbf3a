"""Blocks: they cover a part of the picture once, and are as small as the caches are."""

from __future__ import annotations

from typing import Tuple

import numpy as np
import pytest

from pcsr_edge.runtime.engine import FakeEngine
from pcsr_edge.runtime.geometry import Span
from pcsr_edge.runtime.luma import BLOCK_BYTES, BLOCK_COLUMNS, Block, LumaNetwork, cut
from pcsr_edge.runtime.manifest import Manifest


def network(radius: int = 2, floats: int = 100) -> LumaNetwork:
    manifest = Manifest(
        name="m",
        method="edge-sr",
        scale=2,
        channels="y",
        backbone_flops_per_cell=1,
        receptive_field=radius,
        activation_floats_per_cell=floats,
        precisions={},
    )
    return LumaNetwork(manifest, FakeEngine(lambda inputs: {"sr": inputs["y"] * 2}))


@pytest.mark.parametrize("size", [(1, 1), (3, 700), (700, 3), (41, 1100), (1200, 1200)])
@pytest.mark.parametrize("threads", [1, 3])
def test_blocks_cover_every_cell_once(size: Tuple[int, int], threads: int) -> None:
    count = np.zeros((size[0] + 5, size[1] + 7), int)
    for block in network().blocks(Span(5, 5 + size[0]), Span(7, 7 + size[1]), threads):
        count[block.rows.slice(), block.cols.slice()] += 1
    assert (count[5:, 7:] == 1).all()
    assert count.sum() == size[0] * size[1]


def test_a_block_fits_the_cache() -> None:
    for block in network(floats=100).blocks(Span(0, 900), Span(0, 2000), 2):
        assert len(block.cols) <= BLOCK_COLUMNS
        assert len(block.rows) * len(block.cols) * 400 <= BLOCK_BYTES


def test_a_block_is_no_lower_than_twice_the_radius() -> None:
    blocks = network(radius=8, floats=10**6).blocks(Span(0, 160), Span(0, 512), 2)
    assert {len(block.rows) for block in blocks} == {16}


def test_every_thread_gets_a_block() -> None:
    assert len(network(floats=1).blocks(Span(0, 40), Span(0, 40), 4)) == 4


@pytest.mark.parametrize("channels", [(), (3,)])
@pytest.mark.parametrize(
    "block", [Block(Span(0, 2), Span(8, 9)), Block(Span(4, 5), Span(4, 6))], ids=["edge", "inner"]
)
def test_beyond_the_picture_its_edge_repeats(block: Block, channels: Tuple[int, ...]) -> None:
    pixels = np.random.default_rng(1).random((9, 9, *channels))
    rows, cols = (
        np.clip(np.arange(span.start - 3, span.stop + 3), 0, 8) for span in (block.rows, block.cols)
    )
    assert np.array_equal(cut(pixels, block, 3), pixels[rows][:, cols])


def test_a_window_reaches_the_engine_contiguous() -> None:
    window = np.arange(12, dtype=np.float32).reshape(3, 4)[:, ::2]
    assert network().run(window).tolist() == (window * 2).tolist()
