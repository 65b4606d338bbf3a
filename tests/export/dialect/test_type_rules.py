"""Rules on element types."""

from __future__ import annotations

from typing import Dict, List

import pytest
from support.onnx_text import broken_rules, parse

ROUNDED = "c = Clip(x, low, high) r = Round(c)"
BOUNDS = "<float low = {0}, float high = {255}>"

BAD: Dict[str, List[str]] = {
    "element-type": [
        "(double[n] x) => (double[n] z) { z = Relu(x) }",
        "(uint16[n] x) => (uint16[n] z) { z = Identity(x) }",
        "(float[n] x) => (float[n] z) { b = Cast<to = 16>(x) z = Cast<to = 1>(b) }",
    ],
    "operand-type": [
        "(int32[n, n] x) => (int32[n, n] z) { z = MatMul(x, x) }",
        "(int32[n] x) => (int32[n] z) { z = Floor(x) }",
        "(int32[n, 9] x) => (int32[n, m] z) { z = ReduceMax<axes = [1]>(x) }",
        "(float[1, 4, h, w] x) => (float[1, 1, a, b] z)"
        " { c = Greater(x, x) d = DepthToSpace<blocksize = 2>(c) z = Cast<to = 1>(d) }",
        "(float[n] x) => (float[n] z) { c = Greater(x, x) d = Add(c, c) z = Cast<to = 1>(d) }",
    ],
    "mixed-types": [
        "(float[n] x, float16[n] y) => (float[n] z) { z = Add(x, y) }",
        "(float[n] x, float16[n] y) => (float[m] z) { z = Concat<axis = 0>(x, y) }",
        "(float[n] x, float16[n] y) => (float[n] z) { c = Greater(x, x) z = Where(c, x, y) }",
        "(float16[n] x) => (float16[n] z) <float low = {0}> { z = Clip(x, low) }",
        "(float16[1, 1, h, w] x) => (float16[1, 1, h, w] z)"
        " <float[1, 1, 1] s = {0.1}> { z = PRelu(x, s) }",
        "(float16[n, 1] x) => (float16[n, 1] z) <float[1, 1] k = {1}> { z = Gemm(x, k) }",
    ],
    "uint8-inside": [
        "(uint8[1, h, w, 3] x) => (float[1, 3, h, w] z)"
        " { t = Transpose<perm = [0, 3, 1, 2]>(x) z = Cast<to = 1>(t) }",
        f"(float[n] x) => (float[n] z) {BOUNDS}"
        f" {{ {ROUNDED} u = Cast<to = 2>(r) z = Cast<to = 1>(u) }}",
    ],
    "uint8-cast": ["(uint8[n] x) => (int32[n] z) { z = Cast<to = 6>(x) }"],
    "uint8-rounding": [
        "(float[n] x) => (uint8[n] z) { z = Cast<to = 2>(x) }",
        f"(float[n] x) => (uint8[n] z) {BOUNDS} {{ c = Clip(x, low, high) z = Cast<to = 2>(c) }}",
        "(float[n] x) => (uint8[n] z) { r = Round(x) z = Cast<to = 2>(r) }",
    ],
    "constant-of-shape": [
        "(float[n] x) => (int32[n] z) { s = Shape(x) z = ConstantOfShape<value = int32[1] {1}>(s) }"
    ],
}

GOOD: Dict[str, str] = {
    "half": "(float16[n] x, float16[n] y) => (float16[n] z) { z = Add(x, y) }",
    "integers": "(int32[n] x, int32[n] y) => (int32[n] z) { z = Add(x, y) }",
    "where": "(float[n] x) => (float[n] z) { c = Greater(x, x) z = Where(c, x, x) }",
    "indices-are-no-data": "(float16[n, 4] x, int32[m] i) => (float16[m, 4] z)"
    " { z = Gather(x, i) }",
    "uint8-in": "(uint8[n] x) => (float[n] z) { z = Cast<to = 1>(x) }",
    "uint8-out": f"(float[n] x) => (uint8[n] z) {BOUNDS} {{ {ROUNDED} z = Cast<to = 2>(r) }}",
    "uint8-out-floor": f"(float[n] x) => (uint8[n] z) {BOUNDS[:-1]}, float half = {{0.5}}>"
    " { c = Clip(x, low, high) a = Add(c, half) r = Floor(a) z = Cast<to = 2>(r) }",
    "constant-of-shape": "(float[n] x) => (float[n] z) { s = Shape(x) z = ConstantOfShape(s) }",
}


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule in BAD for text in BAD[rule]])
def test_rule_is_broken(rule: str, text: str) -> None:
    assert broken_rules(parse(text)) == {rule}


@pytest.mark.parametrize("case", GOOD)
def test_nothing_is_broken(case: str) -> None:
    assert not broken_rules(parse(GOOD[case]))
