"""Why a machine is slower than it could be."""

from __future__ import annotations

from typing import NamedTuple, Tuple


class Throttling(NamedTuple):
    """What slows it down against its will, by names such as `under-voltage`."""

    now: Tuple[str, ...]
    before: Tuple[str, ...]
    """Since it was started."""
