"""What `pcsr-edge doctor` checks; each check is a small function of values passed in."""

from __future__ import annotations
