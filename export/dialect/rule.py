"""A rule of the dialect: its name, the trap it avoids, and a function that finds offenders."""

from __future__ import annotations

from typing import Callable, Iterator, NamedTuple

from pcsr_edge.export.dialect.view import GraphView

Check = Callable[[GraphView], Iterator[str]]
"""Yields a text for each offender: where it is, and what is wrong there."""


class Rule(NamedTuple):
    """One rule."""

    name: str
    """Stable, in words with hyphens."""
    trap: str
    """What goes wrong where it is broken."""
    check: Check
    """Finds offenders."""
