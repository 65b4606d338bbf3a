"""The most memory that this process held, as Linux tells it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Optional

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
FORGET_PEAK = "5"
"""See proc(5): the peak becomes what the process holds now."""


class PeakMemory:
    """Reads the peak of resident memory, and lets it start anew where the kernel allows.

    Args:
        status: the file that says it.
        clear: the file that resets it.
    """

    def __init__(self, status: Path = STATUS, clear: Path = CLEAR) -> None:
        self._status, self._clear = status, clear

    def reset(self) -> bool:
        """Forget the peak so far; False where the kernel does not allow it."""
        try:
            self._clear.write_text(FORGET_PEAK, encoding="ascii")
        except OSError:
            return False
        return True

    def peak_bytes(self) -> Optional[int]:
        """Return the peak since the last reset that worked; None where it is not told."""
        try:
            text = self._status.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        match = re.search(r"^VmHWM:\s+(\d+) kB", text, re.MULTILINE)
        return int(match[1]) * 1024 if match else None
