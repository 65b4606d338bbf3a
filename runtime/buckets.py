"""Sizes of batches: what engines are built for, so that their shapes repeat.

A batch is padded up to a bucket; what is padded is computed and dropped.
"""

from __future__ import annotations

from typing import Iterator, NamedTuple, Sequence

QUERY_BUCKETS = (2**14, 2**16, 2**18)
"""Queries of an upsampler or classifier; not measured."""
BLOCK_BUCKETS = (4, 16, 64)
"""Blocks of a cascade's deep part; not measured."""
PATCH_BUCKETS = (4, 16, 64)
"""Patches of a supernet; not measured."""


class Batch(NamedTuple):
    """Some of many items, and the size of the bucket that they go into."""

    start: int
    stop: int
    size: int
    """At least stop - start."""


def batches(count: int, buckets: Sequence[int]) -> Iterator[Batch]:
    """Cut `count` items into batches: the largest buckets that are full, then one of the smallest.

    So less than the smallest bucket is padded.

    Args:
        count: from 0.
        buckets: sizes, ascending.
    """
    start = 0
    while start < count:
        left = count - start
        size = max((bucket for bucket in buckets if bucket <= left), default=buckets[0])
        stop = min(start + size, count)
        yield Batch(start, stop, size)
        start = stop
