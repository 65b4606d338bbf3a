"""The settings that no other beats."""

from __future__ import annotations

from typing import List, Optional, Sequence


def front(ms: Sequence[float], psnr: Sequence[Optional[float]]) -> List[int]:
    """Return the indices of what nothing else beats, fastest first.

    One beats another that is neither faster nor better; of equal ones the first is kept. What
    has no stated quality is left out.
    """
    known = [(time, -db, index) for index, (time, db) in enumerate(zip(ms, psnr)) if db is not None]
    kept: List[int] = []
    best = float("-inf")
    for _, negative, index in sorted(known):
        if -negative > best:
            kept.append(index)
            best = -negative
    return kept
