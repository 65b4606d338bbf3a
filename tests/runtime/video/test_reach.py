"""What a change is felt in, and what a part of the result needs."""

from __future__ import annotations

from pcsr_edge.runtime.video.reach import Reach
from pcsr_edge.runtime.video.regions import Box

SIZE = (250, 240)


def test_a_change_is_felt_as_far_as_network_and_conversions_look() -> None:
    # Three for chroma, six for the network, one for the four SR pixels of chroma.
    assert Reach(6, 4).felt(Box(40, 40, 48, 48), SIZE) == Box(30, 30, 58, 58)
    assert Reach(6, 2, smoothing=1).felt(Box(40, 40, 48, 48), SIZE) == Box(28, 28, 60, 60)
    assert Reach(6, 4).needed(Box(30, 30, 58, 58), SIZE) == Box(18, 18, 70, 70)


def test_blocks_are_felt_and_needed_whole() -> None:
    reach = Reach(6, 4, block=16)
    assert reach.felt(Box(44, 44, 52, 52), SIZE) == Box(30, 30, 66, 66)
    assert reach.needed(Box(34, 34, 62, 62), SIZE) == Box(16, 16, 80, 80)


def test_the_last_block_is_computed_from_the_end() -> None:
    # It lies at 234 to 250, so what it needs begins in the block from 208 on.
    assert Reach(6, 4, block=16).needed(Box(244, 100, 250, 102), SIZE)[0::2] == (208, 250)


def test_nothing_lies_outside_of_the_frame() -> None:
    assert Reach(6, 4, block=16).felt(Box(0, 0, 250, 240), SIZE) == Box(0, 0, 250, 240)
