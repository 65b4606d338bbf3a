"""Rules on inputs and attributes of single operators."""

from __future__ import annotations

from typing import Dict, List

import pytest
from support.onnx_text import broken_rules, parse

PLANE = "(float[1, 4, h, w] x) => (float[1, 4, a, b] z)"
ROWS = "(float[n, 4] x) => (float[n, m] z)"
Q = "<float s = {0.5}, int8 zero = {0}>"
WEIGHT = "<float[2, 2] w = {1, 2, 3, 4}, float[2] s = {0.5, 1}, int8[2] zero = {0, 0}>"


def resize(attributes: str) -> str:
    return f"{PLANE} <float[4] s = {{1, 1, 2, 2}}> {{ z = Resize<{attributes}>(x, , s) }}"


def conv(attributes: str, operator: str = "Conv") -> str:
    return "(float[1, 1, h, w] x) => (float[1, 1, a, b] z) <float[1, 1, 1, 1] k = {1}>" + (
        f" {{ z = {operator}<{attributes}>(x, k) }}"
    )


def top_k(k: int) -> str:
    return f"(float[1, 5000] x) => (float[1, k] z, int32[1, k] j) <int64[1] k = {{{k}}}>" + (
        " { z, i = TopK(x, k) j = Cast<to = 6>(i) }"
    )


BAD: Dict[str, List[str]] = {
    "reduction": [
        "(float[n, 3] x) => (float[n, 3] z) <int64[1, 1] i = {0}, float[1, 3] u = {1, 1, 1}>"
        ' { z = ScatterND<reduction = "add">(x, i, u) }'
    ],
    "split-sizes": [
        "(float[n, 4] x) => (float[n, 2] y, float[n, 2] z) { y, z = Split<axis = 1>(x) }",
        "(float[n, 4] x, int32[2] p) => (float[n, 2] y, float[n, 2] z)"
        " { s = Cast<to = 7>(p) y, z = Split<axis = 1>(x, s) }",
    ],
    "resize-mode": [
        resize('mode = "cubic"'),
        resize('coordinate_transformation_mode = "tf_crop_and_resize"'),
        resize('coordinate_transformation_mode = "tf_half_pixel_for_nn", nearest_mode = "floor"'),
        resize('nearest_mode = "simple"'),
    ],
    "grid-sample-mode": [
        "(float[1, 4, h, w] x, float[1, a, b, 2] g) => (float[1, 4, a, b] z)"
        f' {{ z = GridSample<mode = "{mode}">(x, g) }}'
        for mode in ("linear", "cubic")
    ],
    "grid-sample-rank": [
        "(float[1, 4, d, h, w] x, float[1, a, b, c, 3] g) => (float[1, 4, a, b, c] z)"
        " { z = GridSample(x, g) }"
    ],
    "depth-to-space-rank": [
        "(float[4, h, w] x) => (float[1, a, b] z) { z = DepthToSpace<blocksize = 2>(x) }"
    ],
    "gemm-rank": [
        "(float[1, n, 4] x) => (float[1, n, 4] z) <float[4, 1] k = {1, 1, 1, 1}> { z = Gemm(x, k) }"
    ],
    "slice-axes": [
        "(float[n, 4] x, int32[1] p) => (float[n, m] z) <int64[1] a = {0}, int64[1] b = {2}>"
        " { q = Cast<to = 7>(p) z = Slice(x, a, b, q) }"
    ],
    "axes-constant": [
        "(float[n, 4] x, int32[1] p) => (float[n, m] z)"
        f" {{ q = Cast<to = 7>(p) z = {operator}(x, q) }}"
        for operator in ("ReduceSum", "Squeeze", "Unsqueeze")
    ],
    "clip-bounds": [
        "(float[n] x, float low) => (float[n] z) { z = Clip(x, low) }",
        "(float[n] x, float high) => (float[n] z) { z = Clip(x, , high) }",
    ],
    "instance-norm-constants": [
        "(float[1, 1, h, w] x, float[1] b) => (float[1, 1, h, w] z)"
        " <float[1] s = {1}> { z = InstanceNormalization(x, s, b) }"
    ],
    "prelu-slope": [
        "(float[1, 2, h, w] x) => (float[1, 2, h, w] z)"
        f" <float[{shape}] s = {{0.1, 0.2}}> {{ z = PRelu(x, s) }}"
        for shape in ("2", "1, 2, 1, 1", "1, 1, 2")
    ]
    + ["(float[1, 2, h, w] x, float[2, 1, 1] s) => (float[1, 2, h, w] z) { z = PRelu(x, s) }"],
    "top-k": [
        top_k(3841),
        "(float[1, 9] x, int32[1] p) => (float[1, k] z, int32[1, k] j)"
        " { k = Cast<to = 7>(p) z, i = TopK(x, k) j = Cast<to = 6>(i) }",
    ],
    "negative-pads": [
        conv("pads = [0, 0, -1, 0]"),
        f"{ROWS} <int64[4] p = {{0, -1, 0, 0}}> {{ z = Pad(x, p) }}",
    ],
    "transposed-shape": [conv("output_shape = [8, 8]", "ConvTranspose")],
    "pool-rank": [
        f"(float[1, 4, n] x) => (float[1, 4, m] z) {{ z = {pool}<kernel_shape = [2]>(x) }}"
        for pool in ("MaxPool", "AveragePool")
    ],
    "pool-indices": [
        "(float[1, 4, h, w] x) => (float[1, 4, a, b] z, int32[1, 4, a, b] j)"
        " { z, i = MaxPool<kernel_shape = [2, 2]>(x) j = Cast<to = 6>(i) }"
    ],
    "quantize-constants": [
        f"(float[n] x) => (int8[n] z) <float s = {{{scale}}}, int8 zero = {{{zero}}}>"
        " { z = QuantizeLinear(x, s, zero) }"
        for scale, zero in ((0.5, 3), (0.0, 0), (-0.5, 0))
    ]
    + [f"(int8[n] x) => (float[n] z) {Q} {{ z = DequantizeLinear(x, s) }}"],
    "quantize-pairs": [
        f"(float[n] x) => (float[n] z) {Q} {{ y = Cast<to = 3>(x)"
        " z = DequantizeLinear(y, s, zero) }",
        f"(float[n] x) => (float[n, 1] z) {Q[:-1]}, int64[1] i = {{1}}>"
        " { q = QuantizeLinear(x, s, zero) y = Unsqueeze(q, i) z = Cast<to = 1>(y) }",
    ],
    "quantize-axis": [
        "(float[n, 2] x) => (float[n, 2] z) <float[2] s = {0.5, 1}, int8[2] zero = {0, 0}>"
        " { q = QuantizeLinear(x, s, zero) z = DequantizeLinear(q, s, zero) }",
        f"(float[n] x) => (float[2, 2] z) {WEIGHT}"
        " { q = QuantizeLinear<axis = 0>(w, s, zero) z = DequantizeLinear<axis = 1>(q, s, zero) }",
    ],
    "quantize-weights": [
        "(float[n] x) => (float[2, 2] z)"
        " <int8[2, 2] w = {1, 2, 3, 4}, float[2] s = {0.5, 1}, int8[2] zero = {0, 0}>"
        " { z = DequantizeLinear<axis = 0>(w, s, zero) }",
    ],
    "negative-index": ["(float[n] x) => (float[1] z) <int64[1] i = {-1}> { z = Gather(x, i) }"],
}

GOOD: Dict[str, str] = {
    "split": "(float[n, 4] x) => (float[n, 1] y, float[n, 3] z) <int64[2] s = {1, 3}>"
    " { y, z = Split<axis = 1>(x, s) }",
    "resize-linear": resize('mode = "linear"'),
    "resize-nearest": resize('nearest_mode = "floor"'),
    "resize-tf": resize('coordinate_transformation_mode = "tf_half_pixel_for_nn"'),
    "grid-sample": "(float[1, 4, h, w] x, float[1, a, b, 2] g) => (float[1, 4, a, b] z)"
    ' { z = GridSample<mode = "bicubic">(x, g) }',
    "depth-to-space": "(float[1, 4, h, w] x) => (float[1, 1, a, b] z)"
    ' { z = DepthToSpace<blocksize = 2, mode = "CRD">(x) }',
    "gemm": f"{ROWS} <float[4, 1] k = {{1, 1, 1, 1}}> {{ z = Gemm(x, k) }}",
    "slice": f"{ROWS} <int64[1] a = {{0}}, int64[1] b = {{2}}, int64[1] i = {{1}}>"
    " { z = Slice(x, a, b, i) }",
    "reduce-sum": f"{ROWS} <int64[1] i = {{1}}> {{ z = ReduceSum(x, i) }}",
    "reduce-max": f"{ROWS} {{ z = ReduceMax<axes = [1]>(x) }}",
    "clip": f"{ROWS} <float low = {{0}}> {{ z = Clip(x, low) }}",
    "prelu": "(float[1, 2, h, w] x) => (float[1, 2, h, w] z)"
    " <float[2, 1, 1] s = {0.1, 0.2}> { z = PRelu(x, s) }",
    "top-k": top_k(3840),
    "pads": conv("pads = [0, 1, 0, 1]"),
    "transposed": conv("output_padding = [1, 1], strides = [2, 2]", "ConvTranspose"),
    "pool": f"{PLANE} {{ z = MaxPool<kernel_shape = [2, 2]>(x) }}",
    "quantize": f"(float[n] x) => (float[n] z) {Q}"
    " { q = QuantizeLinear(x, s, zero) z = DequantizeLinear(q, s, zero) }",
    "quantize-weight": f"(float[n, 2] x) => (float[n, 2] z) {WEIGHT}"
    " { q = QuantizeLinear<axis = 0>(w, s, zero) k = DequantizeLinear<axis = 0>(q, s, zero)"
    " z = Gemm<transB = 1>(x, k) }",
    "gather": "(float[n] x) => (float[1] z) <int64[1] i = {0}> { z = Gather(x, i) }",
    "gather-from-the-end": "(float[n, 4] x) => (float[n, 1] z) <int64[1] i = {-1}>"
    " { z = Gather<axis = 1>(x, i) }",
    "constant-node": "(float[n] x) => (float[n] z)"
    " { low = Constant<value_float = 0.0>() z = Clip(x, low) }",
}


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule in BAD for text in BAD[rule]])
def test_rule_is_broken(rule: str, text: str) -> None:
    assert broken_rules(parse(text)) - {"scatter"} == {rule}


@pytest.mark.parametrize("case", GOOD)
def test_nothing_is_broken(case: str) -> None:
    assert not broken_rules(parse(GOOD[case]))


@pytest.mark.parametrize("operator", ["ReduceMax", "ReduceMean", "ReduceL2", "ReduceLogSumExp"])
def test_axes_of_a_reduction_as_an_input(operator: str) -> None:
    text = f"{ROWS} <int64[1] i = {{1}}> {{ z = {operator}(x, i) }}"
    assert broken_rules(parse(text, opset=18)) == {"opset", "reduce-axes"}


@pytest.mark.parametrize(
    "attributes", ["antialias = 1", "axes = [2, 3]", 'keep_aspect_ratio_policy = "not_larger"']
)
def test_resize_with_newer_attributes(attributes: str) -> None:
    model = parse(resize(f'mode = "linear", {attributes}'), opset=18)
    assert broken_rules(model) == {"opset", "resize-extras"}


def test_quantization_without_a_zero_point() -> None:
    text = f"(float[n] x) => (uint8[n] z) {Q} {{ z = QuantizeLinear(x, s) }}"
    assert broken_rules(parse(text)) == {"quantize-constants", "uint8-inside"}


def test_a_bias_of_whole_numbers_is_refused() -> None:
    text = (
        "(float[n, 2] x) => (float[n, 2] z)"
        " <int32[2] b = {1, 2}, float[2] s = {0.5, 1}, int32[2] zero = {0, 0}>"
        " { k = DequantizeLinear<axis = 0>(b, s, zero) z = Add(x, k) }"
    )
    assert broken_rules(parse(text)) == {"operand-type", "quantize-constants", "quantize-weights"}
