"""What a change is felt in, and what a part of the result needs."""

from __future__ import annotations

from pcsr_edge.runtime.video.reach import Reach
from pcsr_edge.runtime.video.regions import Box

SIZE = (250, 240)


def test_a_change_is_felt_as_far_as_network_and_conversions_look() -> None:
    # Three for chroma, five for the network, one for refinement.
    assert Reach(5, 4).changed(Box(40, 40, 48, 48), SIZE) == Box(32, 32, 56, 56)
    assert Reach(5, 4, smoothing=1).changed(Box(40, 40, 48, 48), SIZE) == Box(30, 30, 58, 58)
    assert Reach(6, 4).needed(Box(30, 30, 58, 58), SIZE) == Box(20, 20, 68, 68)


def test_planes_change_around_the_pixels_that_do() -> None:
    assert Reach(6, 4).coded(Box(40, 40, 48, 48), SIZE) == Box(38, 38, 50, 50)
    assert Reach(6, 1).coded(Box(40, 40, 48, 48), SIZE) == Box(36, 36, 52, 52)


def test_blocks_are_felt_and_needed_whole() -> None:
    reach = Reach(6, 4, block=16)
    assert reach.changed(Box(44, 44, 52, 52), SIZE) == Box(32, 32, 64, 64)
    assert reach.needed(Box(32, 32, 64, 64), SIZE) == Box(16, 16, 80, 80)


def test_the_last_block_is_computed_from_the_end() -> None:
    # It lies at 234 to 250, so what it needs begins in the block from 208 on.
    assert Reach(6, 4, block=16).needed(Box(244, 100, 250, 102), SIZE)[0::2] == (208, 250)


def test_nothing_lies_outside_of_the_frame() -> None:
    assert Reach(6, 4, block=16).changed(Box(0, 0, 250, 240), SIZE) == Box(0, 0, 250, 240)
