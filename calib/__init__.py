"""Measures upscalers on a device: profiles, their comparison, the tuner."""

from __future__ import annotations
