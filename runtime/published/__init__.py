"""Measurements that others published, as a table to choose from."""

from __future__ import annotations

from pcsr_edge.runtime.published.measurements import (
    CITATION,
    DATA_SETS,
    DEVICES,
    NOTE,
    Measurement,
    measurements,
)
from pcsr_edge.runtime.published.selection import ORDERS, Group, Selection, pareto, select

__all__ = [
    "CITATION",
    "DATA_SETS",
    "DEVICES",
    "NOTE",
    "ORDERS",
    "Group",
    "Measurement",
    "Selection",
    "measurements",
    "pareto",
    "select",
]
