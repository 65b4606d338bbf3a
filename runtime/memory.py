"""How much memory is left, and whether a frame fits into it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Optional

from pcsr_edge.errors import UsageError

MEMINFO = Path("/proc/meminfo")
DEFAULT_MEMORY = 2 * 2**30
"""Bytes that one tile may take where no limit is given and as much is free."""


def available_bytes(meminfo: Path = MEMINFO) -> Optional[int]:
    """Return what Linux can still give without swapping; None where it does not say."""
    try:
        match = re.search(r"^MemAvailable:\s+(\d+) kB", meminfo.read_text(), re.MULTILINE)
    except (OSError, UnicodeDecodeError):
        return None
    return int(match.group(1)) * 1024 if match else None


def default_limit(result: int, free: Optional[int]) -> int:
    """Return the bytes that one tile may take where no limit is given.

    Args:
        result: bytes that the result takes beside the tile.
        free: bytes, None where they are not known.
    """
    if free is None:
        return DEFAULT_MEMORY
    return min(DEFAULT_MEMORY, max(0, free - result) // 2)


def check_room(needed: int, available: Optional[int], what: str, least: int) -> None:
    """Refuse what would not fit, before anything is allocated: the kernel would kill us.

    Args:
        needed: bytes.
        available: bytes, None where they are not known.
        what: the thing that needs them, for the message.
        least: bytes that it would need in the smallest tiles.

    Raises:
        UsageError: it does not fit.
    """
    if available is None or needed <= available:
        return
    mend = "choose a smaller scale or size, or cut the picture"
    if least <= available:
        mend = "take smaller tiles: lower --memory-limit, or leave it and -t out"
    raise UsageError(
        f"{what} needs about {needed / 2**30:.1f} GiB of memory, {available / 2**30:.1f} GiB "
        f"are free; {mend}"
    )
