"""Where the user's cache is. Imports nothing heavy: `doctor` asks, whatever is broken."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Mapping


def cache_folder(environment: Mapping[str, str], home: Path) -> Path:
    """Return where caches go: `$XDG_CACHE_HOME/pcsr-edge` or `~/.cache/pcsr-edge`."""
    base = environment.get("XDG_CACHE_HOME", "")
    return (Path(base) if os.path.isabs(base) else home / ".cache") / "pcsr-edge"
