"""Holds a model against every rule of the dialect."""

from __future__ import annotations

from typing import List, NamedTuple, Tuple

import onnx

from pcsr_edge.errors import DialectError
from pcsr_edge.export.dialect.model_rules import MODEL_RULES
from pcsr_edge.export.dialect.operator_rules import OPERATOR_RULES
from pcsr_edge.export.dialect.rule import Rule
from pcsr_edge.export.dialect.type_rules import TYPE_RULES
from pcsr_edge.export.dialect.view import GraphView

RULES: Tuple[Rule, ...] = (*MODEL_RULES, *OPERATOR_RULES, *TYPE_RULES)
"""Every rule, in the order in which violations are listed."""


class Violation(NamedTuple):
    """One place where a rule is broken."""

    rule: Rule
    """The rule."""
    found: str
    """Where, and what is there."""

    def __str__(self) -> str:
        return f"{self.rule.name}: {self.found} ({self.rule.trap})"


def violations(model: onnx.ModelProto) -> List[Violation]:
    """Return every violation in `model`'s main graph."""
    view = GraphView(model)
    return [Violation(rule, found) for rule in RULES for found in rule.check(view)]


def check_dialect(model: onnx.ModelProto) -> None:
    """Refuse a model that TensorRT 8.5 to 11 and ONNX Runtime would not read the same way.

    Raises:
        DialectError: names the rules and the nodes; ONNX Runtime alone would not show it.
    """
    found = violations(model)
    if found:
        more = f"; and {len(found) - 1} more" if len(found) > 1 else ""
        raise DialectError(f"graph {model.graph.name} breaks the rule {found[0]}{more}")
