"""ONNX models written as text, and the rules of the dialect that they break."""

from __future__ import annotations

from typing import Set

import onnx.parser

from pcsr_edge.export.dialect import violations


def parse(signature_and_body: str, opset: int = 17, ir_version: int = 8) -> onnx.ModelProto:
    """Parse `(inputs) => (outputs) <constants> { nodes }`."""
    head = f'<ir_version: {ir_version}, opset_import: ["" : {opset}, "custom" : 1]>'
    return onnx.parser.parse_model(f"{head} g {signature_and_body}")


def broken_rules(model: onnx.ModelProto) -> Set[str]:
    """Return the names of the rules that a model breaks."""
    return {violation.rule.name for violation in violations(model)}
