"""Where the user's cache is. Imports nothing heavy: `doctor` asks, whatever is broken."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Optional

CACHE_VARIABLE = "PCSR_EDGE_CACHE"


def cache_folder() -> Optional[Path]:
    """Return where caches go; None where the user has no home.

    That is `$PCSR_EDGE_CACHE`, else `$XDG_CACHE_HOME/pcsr-edge`, else `~/.cache/pcsr-edge`.
    """
    if os.environ.get(CACHE_VARIABLE):
        return Path(os.environ[CACHE_VARIABLE])
    base = os.environ.get("XDG_CACHE_HOME", "")
    try:
        # The XDG specification: a relative path is to be ignored.
        return (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "pcsr-edge"
    except RuntimeError:
        return None
