"""What `profile`, `compare` and `tune` do: cases, pictures, reports."""

from __future__ import annotations
