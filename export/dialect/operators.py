"""What TensorRT 8.5 documents of each operator: the element types it takes.

From `docs/operators.md` of onnx-tensorrt, in a copy headed TensorRT 8.4; no copy headed 8.5 was
at hand. INT64 counts as INT32, to which the parser casts it.
"""

from __future__ import annotations

from typing import Dict, FrozenSet, Mapping

from onnx import TensorProto

LETTERS: Mapping[str, FrozenSet[int]] = {
    "f": frozenset({TensorProto.FLOAT, TensorProto.FLOAT16}),
    "i": frozenset({TensorProto.INT32, TensorProto.INT64}),
    "q": frozenset({TensorProto.INT8}),
    "b": frozenset({TensorProto.BOOL}),
    "u": frozenset({TensorProto.UINT8}),
}
"""How the table below writes element types. UINT8 has rules of its own in `type_rules`."""

_BY_TYPES: Mapping[str, str] = {
    "f": """
        ArgMax ArgMin AveragePool BatchNormalization Ceil Cos Erf Exp Floor GridSample
        InstanceNormalization Log LogSoftmax MatMul Pow QuantizeLinear ReduceL1 ReduceL2
        ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum
        ReduceSumSquare Resize Sin Softmax Sqrt TopK
    """,
    "fi": "Abs Add DepthToSpace Div Equal Greater GreaterOrEqual Less LessOrEqual Max Mean Min Mul"
    " Neg Range SpaceToDepth Sub Sum",
    "fq": """
        Clip Conv ConvTranspose Elu Gemm GlobalAveragePool GlobalMaxPool HardSigmoid LeakyRelu
        MaxPool PRelu Relu Round Selu Sigmoid Softplus Tanh
    """,
    "fiq": "Pad Sign",
    "fib": "Expand Flatten Split Tile Where",
    "fiqb": """
        Concat Constant Gather GatherElements GatherND Identity Reshape Shape Size Slice Squeeze
        Transpose Unsqueeze
    """,
    "fiqbu": "Cast",
    "b": "And Not Or Xor",
    "q": "DequantizeLinear",
    # What it may make is the rule `constant-of-shape`; it takes a shape.
    "i": "ConstantOfShape",
}


def _table() -> Dict[str, FrozenSet[int]]:
    table: Dict[str, FrozenSet[int]] = {}
    for letters, names in _BY_TYPES.items():
        types: FrozenSet[int] = frozenset().union(*(LETTERS[letter] for letter in letters))
        table.update(dict.fromkeys(names.split(), types))
    return table


OPERATORS = _table()
"""Operator → element types of its data inputs. What is not here is not in the dialect."""

DATA_INPUTS: Mapping[str, int] = {
    "Add": 2,
    "And": 2,
    "BatchNormalization": 5,
    "Clip": 3,
    "Conv": 3,
    "ConvTranspose": 3,
    "Div": 2,
    "Equal": 2,
    "Gemm": 3,
    "Greater": 2,
    "GreaterOrEqual": 2,
    "GridSample": 2,
    "InstanceNormalization": 3,
    "Less": 2,
    "LessOrEqual": 2,
    "MatMul": 2,
    "Mul": 2,
    "Or": 2,
    "PRelu": 2,
    "Pow": 2,
    "Range": 3,
    "Sub": 2,
    "Xor": 2,
}
"""Operator → how many of its first inputs are data, of one type; of all others the first is."""

VARIADIC = frozenset({"Concat", "Max", "Mean", "Min", "Sum"})
"""Operators all of whose inputs are data of one type."""

DATA_DEPENDENT = frozenset({"NonZero", "NonMaxSuppression", "Compress", "Unique"})
"""Operators whose output size depends on values."""

CONTROL_FLOW = frozenset({"If", "Loop", "Scan"})
"""Operators with graphs inside."""

SCATTER = frozenset({"Scatter", "ScatterElements", "ScatterND"})
"""Operators that write into a tensor."""


def data_inputs(operator: str, inputs: int) -> int:
    """Return how many of the first of `inputs` inputs are data; `Where` begins with its second."""
    return inputs if operator in VARIADIC else min(inputs, DATA_INPUTS.get(operator, 1))
