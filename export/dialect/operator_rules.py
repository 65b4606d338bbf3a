"""Rules on the inputs and attributes of single operators."""

from __future__ import annotations

from typing import Any, Iterator, Tuple

import numpy as np
import onnx

from pcsr_edge.export.dialect.rule import Check, Rule
from pcsr_edge.export.dialect.view import GraphView

MAX_TOP_K = 3840
REDUCTIONS = (
    "ReduceL1",
    "ReduceL2",
    "ReduceLogSum",
    "ReduceLogSumExp",
    "ReduceMax",
    "ReduceMean",
    "ReduceMin",
    "ReduceProd",
    "ReduceSumSquare",
)
"""All but ReduceSum, whose axes have been an input since opset 13."""
COORDINATES = ("half_pixel", "pytorch_half_pixel", "asymmetric", "align_corners")
NEAREST = ("floor", "ceil", "round_prefer_floor", "round_prefer_ceil")


def _reduce_axes(view: GraphView) -> Iterator[str]:
    for node in view.nodes(*REDUCTIONS):
        if view.given(node, 1) is not None:
            yield f"{view.where(node)} takes its axes as an input"


def _reduction(view: GraphView) -> Iterator[str]:
    for node in view.nodes():
        reduction = view.attribute(node, "reduction", "none")
        if reduction != "none":
            yield f"{view.where(node)} has reduction={reduction}"


def _split(view: GraphView) -> Iterator[str]:
    for node in view.nodes("Split"):
        if view.given(node, 1) not in view.constants:
            yield f"{view.where(node)} lacks constant sizes"


def _resize_extras(view: GraphView) -> Iterator[str]:
    for node in view.nodes("Resize"):
        if view.attribute(node, "antialias", 0):
            yield f"{view.where(node)} has antialias=1"
        if view.attribute(node, "axes"):
            yield f"{view.where(node)} names axes"
        policy = view.attribute(node, "keep_aspect_ratio_policy", "stretch")
        if policy != "stretch":
            yield f"{view.where(node)} has keep_aspect_ratio_policy={policy}"


def _resize_mode(view: GraphView) -> Iterator[str]:
    for node in view.nodes("Resize"):
        mode = view.attribute(node, "mode", "nearest")
        coordinates = view.attribute(node, "coordinate_transformation_mode", "half_pixel")
        nearest = view.attribute(node, "nearest_mode", "round_prefer_floor")
        if mode not in ("nearest", "linear"):
            yield f"{view.where(node)} has mode={mode}"
        for_nn = coordinates == "tf_half_pixel_for_nn" and nearest == "round_prefer_floor"
        if coordinates not in COORDINATES and not for_nn:
            yield f"{view.where(node)} has coordinate_transformation_mode={coordinates}"
        if mode == "nearest" and nearest not in NEAREST:
            yield f"{view.where(node)} has nearest_mode={nearest}"


def _grid_sample(view: GraphView) -> Iterator[str]:
    for node in view.nodes("GridSample"):
        mode = view.attribute(node, "mode", "bilinear")
        if mode not in ("bilinear", "bicubic", "nearest"):
            yield f"{view.where(node)} has mode={mode}"


def _rank_of_input(operator: str, inputs: Tuple[int, ...], rank: int) -> Check:
    def check(view: GraphView) -> Iterator[str]:
        for node in view.nodes(operator):
            for index in inputs:
                found = view.rank(node.input[index])
                if found is not None and found != rank:
                    yield f"{view.where(node)} takes {node.input[index]} with {found} dimensions"

    return check


def _constant_inputs(operators: Tuple[str, ...], inputs: Tuple[int, ...]) -> Check:
    def check(view: GraphView) -> Iterator[str]:
        for node in view.nodes(*operators):
            for index in inputs:
                if view.lacks_constant(node, index):
                    yield f"{view.where(node)} computes its input {node.input[index]}"

    return check


def _prelu(view: GraphView) -> Iterator[str]:
    for node in view.nodes("PRelu"):
        slope = view.constants.get(node.input[1])
        if slope is None or slope.ndim != 3 or slope.shape[1:] != (1, 1):
            yield f"{view.where(node)} has a slope that is no constant of shape (C, 1, 1)"


def _top_k(view: GraphView) -> Iterator[str]:
    for node in view.nodes("TopK"):
        k = view.constants.get(node.input[1])
        if k is None:
            yield f"{view.where(node)} computes its k"
        elif k.max() > MAX_TOP_K:
            yield f"{view.where(node)} has k={int(k.max())}, at most {MAX_TOP_K} is possible"


def _negative_pads(view: GraphView) -> Iterator[str]:
    for node in view.nodes():
        pads: Any = view.attribute(node, "pads", ())
        if node.op_type == "Pad" and view.given(node, 1) in view.constants:
            pads = view.constants[node.input[1]].tolist()
        if any(pad < 0 for pad in pads):
            yield f"{view.where(node)} has pads {list(pads)}"


def _transposed_shape(view: GraphView) -> Iterator[str]:
    for node in view.nodes("ConvTranspose"):
        if view.attribute(node, "output_shape"):
            yield f"{view.where(node)} has output_shape; give pads and output_padding"


def _spatial_rank(view: GraphView, node: onnx.NodeProto, allowed: Tuple[int, ...]) -> bool:
    rank = view.rank(node.input[0])
    return rank is None or rank in allowed


def _pool_rank(view: GraphView) -> Iterator[str]:
    for node in view.nodes("AveragePool", "MaxPool"):
        if not _spatial_rank(view, node, (4, 5)):
            yield f"{view.where(node)} is not a 2D or 3D pooling"


def _pool_indices(view: GraphView) -> Iterator[str]:
    for node in view.nodes("MaxPool"):
        if len(node.output) > 1 and node.output[1]:
            yield f"{view.where(node)} also returns indices"


def _quantize(view: GraphView) -> Iterator[str]:
    for node in view.nodes("QuantizeLinear", "DequantizeLinear"):
        zero = view.constants.get(view.given(node, 2) or "")
        scale = view.constants.get(node.input[1])
        if zero is None or zero.dtype != np.int8 or zero.any():
            yield f"{view.where(node)} lacks a constant INT8 zero point of 0"
        if scale is None or not (scale > 0).all():
            yield f"{view.where(node)} lacks a constant positive scale"


def _quantize_pairs(view: GraphView) -> Iterator[str]:
    for node in view.nodes():
        for name in node.input:
            maker = view.producer(name)
            rounded = maker is not None and maker.op_type == "QuantizeLinear"
            if rounded != (node.op_type == "DequantizeLinear") and maker is not None:
                yield f"{view.where(node)} takes {name}, which {view.where(maker)} makes"


def _quantize_weights(view: GraphView) -> Iterator[str]:
    for node in view.nodes("DequantizeLinear"):
        if node.input[0] in view.constants:
            yield f"{view.where(node)} takes the constant {node.input[0]}"


def _quantize_axis(view: GraphView) -> Iterator[str]:
    for node in view.nodes("QuantizeLinear", "DequantizeLinear"):
        scale = view.constants.get(node.input[1])
        if scale is None or scale.ndim == 0:
            continue
        if not _is_weight(view, node.input[0]):
            yield f"{view.where(node)} has a scale per channel of {node.input[0]}"
        elif view.attribute(node, "axis", 1) != 0:
            yield f"{view.where(node)} has scales along another axis than the first"


def _is_weight(view: GraphView, name: str) -> bool:
    """Tell whether a tensor is a constant, or one that was rounded."""
    maker = view.producer(name)
    if maker is not None and maker.op_type == "QuantizeLinear":
        name = maker.input[0]
    return name in view.constants


def _negative_indices(view: GraphView) -> Iterator[str]:
    for node in view.nodes("Gather", "GatherElements", "GatherND"):
        indices = view.constants.get(node.input[1])
        if indices is not None and indices.size and indices.min() < 0 and _dynamic(view, node):
            yield f"{view.where(node)} holds the index {int(indices.min())}"


def _dynamic(view: GraphView, node: onnx.NodeProto) -> bool:
    """Tell whether the axis that is gathered along may be dynamic."""
    shape = view.shapes.get(node.input[0])
    if shape is None or node.op_type == "GatherND":
        return shape is None or None in shape
    return shape[view.attribute(node, "axis", 0)] is None


OPERATOR_RULES: Tuple[Rule, ...] = (
    Rule("reduce-axes", "TensorRT 8 ignores them and reduces over everything", _reduce_axes),
    Rule("reduction", "TensorRT 8 ignores it and overwrites", _reduction),
    Rule("split-sizes", "TensorRT 8 splits equally", _split),
    Rule("resize-extras", "TensorRT 8 ignores it", _resize_extras),
    Rule("resize-mode", "TensorRT 8.5 does not document it", _resize_mode),
    Rule("grid-sample-mode", "TensorRT 8 to 10 silently take the nearest pixel", _grid_sample),
    Rule("grid-sample-rank", "TensorRT takes 4", _rank_of_input("GridSample", (0, 1), 4)),
    Rule("depth-to-space-rank", "TensorRT takes 4", _rank_of_input("DepthToSpace", (0,), 4)),
    Rule("gemm-rank", "TensorRT takes 2", _rank_of_input("Gemm", (0, 1), 2)),
    Rule("slice-axes", "TensorRT 8 needs a constant", _constant_inputs(("Slice",), (3,))),
    Rule(
        "axes-constant",
        "TensorRT needs constant axes",
        _constant_inputs(("ReduceSum", "Squeeze", "Unsqueeze"), (1,)),
    ),
    Rule("clip-bounds", "TensorRT needs constant bounds", _constant_inputs(("Clip",), (1, 2))),
    Rule(
        "instance-norm-constants",
        "TensorRT 8.5 needs constants",
        _constant_inputs(("InstanceNormalization",), (1, 2)),
    ),
    Rule("prelu-slope", "other shapes broadcast along the wrong axis", _prelu),
    Rule("top-k", "TensorRT 8.5 needs a constant, and not too large a one", _top_k),
    Rule("negative-pads", "TensorRT does not crop by padding", _negative_pads),
    Rule("transposed-shape", "TensorRT may pad the other side", _transposed_shape),
    Rule("pool-rank", "TensorRT has no other", _pool_rank),
    Rule("pool-indices", "TensorRT has no such output", _pool_indices),
    Rule("quantize-constants", "TensorRT 8.5 quantizes symmetrically only", _quantize),
    Rule("quantize-pairs", "TensorRT reads int8 between the two alone", _quantize_pairs),
    Rule(
        "quantize-weights",
        "TensorRT 8.2 takes no INT8 constants, and later 8.x may not; round a float one",
        _quantize_weights,
    ),
    Rule("quantize-axis", "TensorRT takes scales per output of weights alone", _quantize_axis),
    Rule("negative-index", "undefined in TensorRT where the axis is dynamic", _negative_indices),
)
