"""The part of `upscale` that deals with videos."""

from __future__ import annotations
