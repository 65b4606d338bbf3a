"""Calibration: INT8 ranges, difficulty tables, the cost of each class on this device."""

from __future__ import annotations
