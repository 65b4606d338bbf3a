"""Rules on the model as a whole."""

from __future__ import annotations

import pytest
from support.onnx_text import broken_rules, parse

CHAIN = "(float[n, 3] x) => (float[n, 3] z) { z = Relu(x) }"
SOFTMAX = "(float[n, 3] x) => (float[n, 3] z) { z = Softmax<axis = 1>(x) }"

BAD = {
    "standard-domain": "(float[n] x) => (float[n] z) { z = custom.Relu(x) }",
    "int64-io": "(float[3, 4] x, int64[n] i) => (float[n, 4] z) { z = Gather(x, i) }",
    "bool-io": "(float[n] x) => (bool[n] z) { z = Greater(x, x) }",
    "data-dependent-shape": "(float[n] x) => (int32[1, m] z)"
    " { y = NonZero(x) z = Cast<to = 6>(y) }",
    "control-flow": "(float x) => (float z) { c = Greater(x, x)"
    " z = If(c) <then_branch = a () => (float p) { p = Identity(x) },"
    " else_branch = b () => (float q) { q = Neg(x) }> }",
    "scatter": "(float[n, 3] x, float[2, 3] u) => (float[n, 3] z)"
    " <int64[2, 1] i = {0, 1}> { z = ScatterND(x, i, u) }",
    "unknown-operator": "(float[n, 3] x) => (float[n, 3] z)"
    " <float[3] s = {1, 1, 1}> { z = LayerNormalization<axis = 1>(x, s) }",
    "rank": "(float[1, 1, 1, 1, 1, 1, 1, 1, n] x) => (float[1, 1, 1, 1, 1, 1, 1, 1, n] z)"
    " { z = Relu(x) }",
    "volume": "(float[65536, 32768, n] x) => (float[65536, 32768, n] z) { z = Relu(x) }",
}

GOOD = {
    "int32-io": "(float[3, 4] x, int32[n] i) => (float[n, 4] z) { z = Gather(x, i) }",
    "bool-inside": "(float[n] x) => (float[n] z) { c = Greater(x, x) z = Where(c, x, x) }",
    "eight-dimensions": "(float[1, 1, 1, 1, 1, 1, 1, n] x) => (float[1, 1, 1, 1, 1, 1, 1, n] z)"
    " { z = Relu(x) }",
    "just-small-enough": "(float[65536, 32767, n] x) => (float[65536, 32767, n] z) { z = Relu(x) }",
}


@pytest.mark.parametrize("rule", BAD)
def test_rule_is_broken(rule: str) -> None:
    assert broken_rules(parse(BAD[rule])) == {rule}


@pytest.mark.parametrize("case", GOOD)
def test_nothing_is_broken(case: str) -> None:
    assert not broken_rules(parse(GOOD[case]))


@pytest.mark.parametrize(("opset", "broken"), [(13, set()), (17, set()), (18, {"opset"})])
def test_opset(opset: int, broken: "set[str]") -> None:
    assert broken_rules(parse(CHAIN, opset=opset)) == broken


@pytest.mark.parametrize(("opset", "broken"), [(11, {"softmax-opset"}), (13, set())])
def test_opset_of_softmax(opset: int, broken: "set[str]") -> None:
    assert broken_rules(parse(SOFTMAX, opset=opset)) == broken


@pytest.mark.parametrize(("version", "broken"), [(7, set()), (8, set()), (9, {"ir-version"})])
def test_ir_version(version: int, broken: "set[str]") -> None:
    assert broken_rules(parse(CHAIN, ir_version=version)) == broken


DATA_DEPENDENT = {
    "compress": "(float[n] x) => (float[m] z) { c = Greater(x, x) z = Compress<axis = 0>(x, c) }",
    "unique": "(float[n] x) => (float[m] z) { z = Unique(x) }",
    "non-max-suppression": "(float[1, n, 4] x, float[1, c, n] s) => (int32[m, 3] z)"
    " { y = NonMaxSuppression(x, s) z = Cast<to = 6>(y) }",
}


@pytest.mark.parametrize("case", DATA_DEPENDENT)
def test_operators_whose_size_depends_on_values(case: str) -> None:
    assert broken_rules(parse(DATA_DEPENDENT[case])) == {"data-dependent-shape"}


LOOP = """(float[4] x) => (float[4] z) <int64 rounds = {3}> {
    z = Loop(rounds, , x) <body = b (int64 i, bool go, float[4] p) => (bool on, float[4] q) {
        on = Identity(go) q = Neg(p)
    }>
}"""
SCAN = """(float[4, n] x) => (float[4, n] z) {
    z = Scan(x) <num_scan_inputs = 1, body = b (float[n] p) => (float[n] q) { q = Neg(p) }>
}"""


@pytest.mark.parametrize("text", [LOOP, SCAN], ids=["loop", "scan"])
def test_operators_with_graphs_inside(text: str) -> None:
    assert broken_rules(parse(text)) == {"control-flow"}


@pytest.mark.parametrize("operator", ["Einsum", "Gelu", "GroupNormalization"])
def test_operators_that_are_not_documented(operator: str) -> None:
    model = parse(f"(float[n] x) => (float[n] z) {{ z = {operator}(x) }}")
    assert broken_rules(model) == {"unknown-operator"}
