"""The check of a whole model."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import pytest
from support.networks import TINY
from support.onnx_text import parse

from pcsr_edge.errors import DialectError
from pcsr_edge.export.dialect import RULES, check_dialect, violations
from pcsr_edge.export.graphs import graphs_of
from pcsr_edge.models import PCSR

TESTS = Path(__file__).parent


@pytest.mark.parametrize("backbone", TINY)
@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_exported_graphs_keep_the_rules(
    backbone: str, precision: str, make_model: Callable[..., PCSR]
) -> None:
    for graph in graphs_of(make_model(backbone), precision, {}).values():
        assert not violations(graph)


def test_slopes_per_channel_keep_the_rules(make_model: Callable[..., PCSR]) -> None:
    import torch

    model = make_model()
    model.backbone.expand[1] = torch.nn.PReLU(8).requires_grad_(False)
    assert not violations(graphs_of(model, "fp16", {})["backbone"])


def test_error_names_rule_node_and_trap() -> None:
    model = parse("(float[n] x) => (float[n] z) { z = Einsum(x) }")
    with pytest.raises(DialectError) as caught:
        check_dialect(model)
    assert str(caught.value) == (
        "graph g breaks the rule unknown-operator: node z (Einsum) "
        "(TensorRT 8.5 does not document it, or not fully)"
    )


def test_error_counts_further_violations() -> None:
    model = parse("(float[n] x) => (float[n] z) { y = Einsum(x) z = Einsum(y) }", opset=18)
    with pytest.raises(DialectError, match=r"rule opset: .*; and 2 more"):
        check_dialect(model)


def test_a_good_model_passes() -> None:
    check_dialect(parse("(float[n] x) => (float[n] z) { z = Relu(x) }"))


def test_named_nodes_are_named() -> None:
    model = parse("(float[n] x) => (float[n] z) { z = Einsum(x) }")
    model.graph.node[0].name = "sum of products"
    (violation,) = violations(model)
    assert violation.found == "node sum of products (Einsum)"


def test_rules_have_different_names() -> None:
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_is_tested(rule: "tuple[str, ...]") -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in TESTS.glob("test_*_rules.py"))
    assert f'"{rule[0]}"' in tests
