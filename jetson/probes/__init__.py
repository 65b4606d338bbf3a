"""What a machine tells of itself; each probe returns a value or None and never raises."""

from __future__ import annotations
