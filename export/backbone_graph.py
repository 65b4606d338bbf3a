"""The backbone's graph: normalise, features, one 1x1 convolution for the first layer of all heads."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

import numpy as np
from onnx import TensorProto
from torch import fx, nn

from pcsr_edge.errors import ExportError
from pcsr_edge.export.graph_builder import GraphBuilder
from pcsr_edge.export.layers import Call, array, write_layer
from pcsr_edge.export.tracing import function_kind, modules_of, trace
from pcsr_edge.models import PCSR
from pcsr_edge.models.mlp import PixelMLP

Tensor = Tuple[str, int]
"""Name of a tensor, and its channels."""


def write_backbone(model: PCSR, builder: GraphBuilder) -> None:
    """Write `image` (1, 3, h, w) in [0, 1] to one projection (h*w, width) per head.

    Rows are in raster order. `image` is float32 in every precision, projections have the
    precision of the graph.
    """
    image = builder.input("image", TensorProto.FLOAT, [1, 3, "h", "w"])
    features = _Translator(model.backbone, builder).run(_normalised(model, builder, image))
    _write_projections(model, builder, features)


def heads_of(model: PCSR) -> Dict[str, PixelMLP]:
    """Return the suffix of each projection's name → the head that it is for."""
    heads: Dict[str, PixelMLP] = {}
    for index, upsampler in enumerate(model.upsamplers):
        assert isinstance(upsampler, PixelMLP)
        heads[str(index)] = upsampler
    if model.classifier is not None:
        heads["classifier"] = model.classifier
    return heads


def _normalised(model: PCSR, builder: GraphBuilder, image: str) -> str:
    # In float32 in every precision: the picture's 8 bits are rounded once, not twice.
    mean = np.asarray(model.config.mean, dtype=np.float32).reshape(1, 3, 1, 1)
    if mean.any():
        image = builder.node("Sub", "centred", [image, builder.constant("mean", mean)])
    if model.config.std != 1:
        std = np.asarray(model.config.std, dtype=np.float32)
        image = builder.node("Div", "normalised", [image, builder.constant("std", std)])
    if builder.element_type != TensorProto.FLOAT:
        image = builder.cast("network_input", image, builder.element_type)
    return image


class _Translator:
    """Writes the calls of one traced backbone."""

    def __init__(self, backbone: nn.Module, builder: GraphBuilder) -> None:
        self._builder = builder
        self._traced = trace(backbone)
        self._layers = modules_of(self._traced)
        self._norms = self._foldable_norms()
        self._tensors: Dict[fx.Node, Tensor] = {}

    def run(self, image: str) -> Tensor:
        """Write every call; return the features."""
        for node in self._traced.graph.nodes:
            if node.op == "placeholder":
                self._tensors[node] = (image, 3)
            elif node.op == "output":
                return self._tensors[node.args[0]]
            else:
                self._tensors[node] = self._call(node)
        raise ExportError("the backbone returns nothing")

    def _call(self, node: fx.Node) -> Tensor:
        if node in self._norms.values():
            return self._of(node.args[0])
        if node.op == "call_module":
            return self._layer(node)
        if node.op in ("call_function", "call_method"):
            return self._function(node)
        raise ExportError(
            f"the backbone reads {node.target} outside a layer, which cannot be exported; make it "
            "a layer of torch.nn"
        )

    def _layer(self, node: fx.Node) -> Tensor:
        tensor, channels = self._of(node.args[0])
        path = str(node.target)
        norm = self._norms.get(node)
        folded = self._layers[str(norm.target)] if norm is not None else None
        assert folded is None or isinstance(folded, nn.BatchNorm2d)
        layer = self._layers[path]
        name = self._name(node)
        return write_layer(
            Call(self._builder, layer, f"features.{path}", name, tensor, channels, folded)
        )

    def _function(self, node: fx.Node) -> Tensor:
        kind = function_kind(node)
        if kind == "concat":
            return self._concat(node)
        operands = [self._of(argument) for argument in node.args]
        operator = {"add": "Add", "relu": "Relu"}[kind]
        names = [name for name, _ in operands]
        return self._builder.node(operator, self._name(node), names), operands[0][1]

    def _concat(self, node: fx.Node) -> Tensor:
        axis = node.kwargs.get("dim", node.args[1] if len(node.args) > 1 else 0)
        if axis != 1:
            raise ExportError(f"{node.name} concatenates along axis {axis}; only channels (1) can be exported")
        parts: Any = node.args[0]
        tensors = [self._of(part) for part in parts]
        name = self._builder.node("Concat", self._name(node), [name for name, _ in tensors], axis=1)
        return name, sum(channels for _, channels in tensors)

    def _name(self, node: fx.Node) -> str:
        # Apart from the names around the backbone, whatever its layers are called.
        return f"features_{node.name}"

    def _of(self, argument: Any) -> Tensor:
        if not isinstance(argument, fx.Node):
            raise ExportError(
                f"the backbone computes with the number {argument!r}, which cannot be exported; "
                "use tensors that come from layers"
            )
        return self._tensors[argument]

    def _foldable_norms(self) -> Dict[fx.Node, fx.Node]:
        """Return convolution → the batch norm that alone uses its result."""
        norms: Dict[fx.Node, fx.Node] = {}
        for node in self._traced.graph.nodes:
            source: Optional[Any] = node.args[0] if node.args else None
            if (
                self._is(node, nn.BatchNorm2d)
                and isinstance(source, fx.Node)
                and self._is(source, nn.Conv2d)
                and len(source.users) == 1
            ):
                norms[source] = node
        return norms

    def _is(self, node: fx.Node, kind: type) -> bool:
        return node.op == "call_module" and isinstance(self._layers[str(node.target)], kind)


def _write_projections(model: PCSR, builder: GraphBuilder, features: Tensor) -> None:
    heads = heads_of(model)
    weights = [array(head.projection_weight()) for head in heads.values()]
    stacked = np.concatenate(weights)[:, :, None, None]
    name = "all_heads" if len(heads) > 1 else "head_0"
    inputs = [features[0], builder.weight("projection.weight", stacked)]
    planes = [builder.node("Conv", name, inputs, kernel_shape=[1, 1])]
    widths = [len(weight) for weight in weights]
    if len(heads) > 1:
        sizes = builder.constant("widths", np.asarray(widths, dtype=np.int64))
        parts = [f"head_{suffix}" for suffix in heads]
        planes = builder.split_node("Split", "split_heads", [name, sizes], parts, axis=1)
    for suffix, plane, width in zip(heads, planes, widths):
        _write_rows(builder, suffix, plane, width)


def _write_rows(builder: GraphBuilder, suffix: str, plane: str, width: int) -> None:
    """Turn (1, width, h, w) into rows (h*w, width) in raster order."""
    last = builder.node("Transpose", f"rows_{suffix}", [plane], perm=[0, 2, 3, 1])
    shape = builder.constant(f"shape_{suffix}", np.asarray([-1, width], dtype=np.int64))
    output = builder.node("Reshape", f"projection_{suffix}", [last, shape])
    builder.output(output, builder.element_type, ["cells", width])


def output_names(model: PCSR) -> List[str]:
    """Return the names of the backbone graph's outputs."""
    return [f"projection_{suffix}" for suffix in heads_of(model)]
