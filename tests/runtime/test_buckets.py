"""Batches of a few sizes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pcsr_edge.runtime.buckets import Batch, batches

SIZES = (4, 16, 64)


@given(st.integers(0, 1000))
def test_every_item_is_in_one_batch(count: int) -> None:
    found = list(batches(count, SIZES))
    assert [i for batch in found for i in range(batch.start, batch.stop)] == list(range(count))
    assert {batch.size for batch in found} <= set(SIZES)
    assert all(batch.stop - batch.start <= batch.size for batch in found)
    # Less is padded than the smallest bucket holds.
    assert sum(batch.size for batch in found) - count < SIZES[0]


def test_large_batches_come_first() -> None:
    found = list(batches(85, SIZES))
    assert found == [Batch(0, 64, 64), Batch(64, 80, 16), Batch(80, 84, 4), Batch(84, 85, 4)]
