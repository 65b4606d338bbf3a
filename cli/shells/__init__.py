"""Completion for shells, written from the parsers of the commands."""

from __future__ import annotations
