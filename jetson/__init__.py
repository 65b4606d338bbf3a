"""Boards: device set-up, telemetry and the profiler."""

from __future__ import annotations
