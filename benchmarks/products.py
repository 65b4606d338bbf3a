"""A matrix product in ONNX Runtime, on one thread."""

from __future__ import annotations

import numpy as np
import onnxruntime
from onnx import TensorProto

from pcsr_edge.export.graph_builder import GraphBuilder, model_bytes


def product_session(side: int) -> onnxruntime.InferenceSession:
    """Return a session that multiplies `a` (side, side) with a constant of that size."""
    builder = GraphBuilder("product", "fp32")
    left = builder.input("a", TensorProto.FLOAT, [side, side])
    right = builder.weight("b", np.random.default_rng(1).random((side, side)))
    builder.node("MatMul", "product", [left, right])
    builder.output("product", TensorProto.FLOAT, [side, side])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    graph = model_bytes(builder.build({}))
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
