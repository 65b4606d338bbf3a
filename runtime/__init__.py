"""Bundles, engines, and the way of a frame through them."""

from __future__ import annotations
