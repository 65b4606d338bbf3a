"""What `tune` does: loads rungs, times them, shows and writes the choice."""

from __future__ import annotations
