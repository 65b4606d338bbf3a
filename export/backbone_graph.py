"""The backbone's graph: normalise, features, one 1x1 convolution for all heads' first layers."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

import numpy as np
from onnx import TensorProto
from torch import fx, nn

from pcsr_edge.errors import ExportError
from pcsr_edge.export.graph_builder import GraphBuilder
from pcsr_edge.export.layers import Call, array, write_layer
from pcsr_edge.export.tracing import function_kind, modules_of, trace
from pcsr_edge.models import PCSR, Backbone
from pcsr_edge.models.mlp import PixelMLP

Tensor = Tuple[str, int]
"""Name of a tensor, and its channels."""


def write_backbone(model: PCSR, builder: GraphBuilder) -> None:
    """Write `image` (1, 3, h, w) in [0, 1] to one projection (h*w, width) per head.

    Rows are in raster order. `image` is float32 in every precision, projections have the
    precision of the graph.
    """
    image = builder.input("image", TensorProto.FLOAT, [1, 3, "h", "w"])
    features = write_features(model.backbone, builder, _normalised(model, builder, image))
    _write_projections(model, builder, features)


def write_features(backbone: Backbone, builder: GraphBuilder, image: str) -> Tensor:
    """Write the calls of `backbone` on the tensor `image`, which has 3 channels.

    Raises:
        ExportError: a layer or a call between layers cannot be translated.
    """
    return _Translator(backbone, builder).run(image)


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
            elif node.op != "output":
                self._tensors[node] = self._call(node)
        # The last node of a traced graph is its output.
        return self._of(node.args[0])

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
        tensor, channels = self._of(self._arguments(node, 1)[0])
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
        operator, count = {"add": ("Add", 2), "relu": ("Relu", 1)}[kind]
        operands = [self._of(argument) for argument in self._arguments(node, count)]
        names = [name for name, _ in operands]
        channels = max(channels for _, channels in operands)
        return self._builder.node(operator, self._name(node), names), channels

    def _concat(self, node: fx.Node) -> Tensor:
        axis = node.kwargs.get("dim", node.args[1] if len(node.args) > 1 else 0)
        if axis != 1:
            raise ExportError(
                f"{node.name} concatenates along axis {axis}; only channels (dim=1) can be exported"
            )
        parts: Any = node.args[0]
        tensors = [self._of(part) for part in parts]
        name = self._builder.node("Concat", self._name(node), [name for name, _ in tensors], axis=1)
        return name, sum(channels for _, channels in tensors)

    def _name(self, node: fx.Node) -> str:
        # Apart from the names around the backbone, whatever its layers are called.
        return f"features_{node.name}"

    @staticmethod
    def _arguments(node: fx.Node, count: int) -> Tuple[Any, ...]:
        extra = {key: value for key, value in node.kwargs.items() if key != "inplace"}
        if extra or len(node.args) != count:
            raise ExportError(
                f"{node.name} is called with {node.args} and {extra}, which cannot be exported; "
                f"expected {count} tensors by position"
            )
        return node.args

    def _of(self, argument: Any) -> Tensor:
        if not isinstance(argument, fx.Node):
            raise ExportError(
                f"the backbone uses {argument!r}, which cannot be exported, where a tensor that "
                "comes from a layer is expected"
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
    widths = [len(weight) for weight in weights]
    stacked = np.concatenate(weights)[:, :, None, None]
    inputs = [features[0], builder.weight("projection.weight", stacked)]
    planes = builder.node("Conv", "all_heads", inputs, kernel_shape=[1, 1])
    # Flattened before the split, so that each part is one block of memory.
    shape = builder.constant("flat_shape", np.asarray([sum(widths), -1], dtype=np.int64))
    columns = [builder.node("Reshape", "all_columns", [planes, shape])]
    if len(heads) > 1:
        sizes = builder.constant("widths", np.asarray(widths, dtype=np.int64))
        parts = [f"columns_{suffix}" for suffix in heads]
        columns = builder.split_node("Split", "split_heads", [*columns, sizes], parts, axis=0)
    for suffix, column, width in zip(heads, columns, widths):
        rows = builder.node("Transpose", f"projection_{suffix}", [column], perm=[1, 0])
        builder.output(rows, builder.element_type, ["cells", width])
