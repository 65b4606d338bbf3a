"""How much memory is left, and whether a frame fits into it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Optional

from pcsr_edge.errors import UsageError

MEMINFO = Path("/proc/meminfo")


def available_bytes(meminfo: Path = MEMINFO) -> Optional[int]:
    """Return what Linux can still give without swapping; None where it does not say."""
    try:
        match = re.search(r"^MemAvailable:\s+(\d+) kB", meminfo.read_text(), re.MULTILINE)
    except (OSError, UnicodeDecodeError):
        return None
    return int(match.group(1)) * 1024 if match else None


def check_room(needed: int, available: Optional[int], what: str) -> None:
    """Refuse what would not fit, before anything is allocated: the kernel would kill us.

    Args:
        needed: bytes.
        available: bytes, None where they are not known.
        what: the thing that needs them, for the message.

    Raises:
        UsageError: it does not fit.
    """
    if available is not None and needed > available:
        raise UsageError(
            f"{what} needs about {needed / 2**30:.1f} GiB of memory, {available / 2**30:.1f} GiB "
            "are free; choose a smaller scale or size, or cut the picture"
        )
