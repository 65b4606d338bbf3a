"""The ONNX dialect that TensorRT 8.5 to 11 and ONNX Runtime read the same way, and its rules."""

from __future__ import annotations

from pcsr_edge.export.dialect.check import RULES, Violation, check_dialect, violations
from pcsr_edge.export.dialect.rule import Rule

__all__ = ["RULES", "Rule", "Violation", "check_dialect", "violations"]
