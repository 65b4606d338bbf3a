"""Ranges of shapes that engines are built for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcsr_edge.runtime.buckets import BLOCK_BUCKETS, PATCH_BUCKETS, QUERY_BUCKETS
from pcsr_edge.runtime.engines.shapes import Range, ranges_for

sides = st.integers(1, 5000)


@given(sides, sides, st.booleans())
def test_the_range_of_a_frame_holds_it(height: int, width: int, exact: bool) -> None:
    shape = 1, 3, height, width
    found = ranges_for({"image": shape}, exact=exact)["image"]
    assert all(a <= size <= b for a, size, b in zip(found.least, shape, found.most))
    assert (found.least == found.most) == exact or shape == (1, 3, 1, 1)


@pytest.mark.parametrize("one", [(270, 480), (257, 500), (512, 512)])
def test_frames_of_like_sizes_share_an_engine(one: Any) -> None:
    key = ranges_for({"image": (1, 3, *one)}, exact=False)["image"].key
    assert key == "1x3x1x1..1x3x512x512"


@pytest.mark.parametrize(("side", "least"), [(4, 4), (9, 5), (200, 5)])
def test_the_least_side_is_one_that_the_graph_takes(side: int, least: int) -> None:
    found = ranges_for({"y": (1, 1, side, side)}, exact=False, least_side=5)["y"]
    assert found.least == (1, 1, least, least)


def test_an_exact_range_is_its_shape() -> None:
    assert ranges_for({"image": (1, 3, 270, 480)}, exact=True)["image"].key == "1x3x270x480"


@pytest.mark.parametrize("exact", [True, False])
def test_any_number_of_patches_shares_an_engine(exact: bool) -> None:
    keys = {
        ranges_for({"image": (count, 3, 24, 24)}, exact=exact)["image"].key
        for count in (2, 3, *PATCH_BUCKETS)
    }
    assert keys == {"1x3x24x24..64x3x24x24" if exact else "1x3x1x1..64x3x64x64"}


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("size", QUERY_BUCKETS)
def test_all_buckets_of_queries_share_an_engine(size: int, exact: bool) -> None:
    found = ranges_for({"cell": (size,), "phase": (size,)}, exact=exact)
    assert found["cell"] == found["phase"] == Range((1,), (2**18,), (2**18,))


def test_an_engine_is_tuned_for_the_phases_that_come() -> None:
    found = ranges_for({"geometry": (16, 4)}, exact=False)["geometry"]
    assert found == Range((1, 4), (16, 4), (2**18, 4))


@pytest.mark.parametrize("count", BLOCK_BUCKETS)
def test_all_buckets_of_blocks_share_an_engine(count: int) -> None:
    found = ranges_for({"features": (count, 32, 22, 22)}, exact=False)["features"]
    assert found == Range((1, 32, 22, 22), (64, 32, 22, 22), (64, 32, 22, 22))


def test_more_queries_than_the_largest_bucket_have_an_engine_of_their_own() -> None:
    assert ranges_for({"cell": (300_000,)}, exact=False)["cell"].most == (2**19,)


def test_what_the_graph_fixes_is_not_a_range() -> None:
    fitted = Range((1, 4), (16, 4), (64, 4)).fitted((16, -1))
    assert fitted == Range((16, 4), (16, 4), (16, 4))
