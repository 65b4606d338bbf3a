"""The backbone's graph: normalise, features, a 1x1 convolution for each head's first layer."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

import numpy as np
from onnx import TensorProto
from torch import fx, nn

from pcsr_edge.errors import ExportError
from pcsr_edge.export.channel_padding import Layout, LayoutPlan, concatenated, plain_layout
from pcsr_edge.export.graph_builder import GraphBuilder
from pcsr_edge.export.layers import Call, array, write_convolution_of_parts, write_layer
from pcsr_edge.export.tracing import function_kind, modules_of, trace
from pcsr_edge.models import PCSR, Backbone
from pcsr_edge.models.mlp import PixelMLP

Tensor = Tuple[str, Layout]
"""Name of a tensor, and the layout of its channels."""


def write_backbone(model: PCSR, builder: GraphBuilder) -> None:
    """Write `image` (1, 3, h, w) in [0, 1] to one projection (h*w, width) per head.

    Rows are in raster order. `image` is float32 in every precision, projections have the
    precision of the graph.
    """
    image = builder.input("image", TensorProto.FLOAT, [1, 3, "h", "w"])
    features = write_features(model.backbone, builder, _normalised(model, builder, image))
    _write_projections(model, builder, features)


def write_features(
    backbone: Backbone, builder: GraphBuilder, image: str, *, as_stored: bool = False
) -> Tensor:
    """Write the calls of `backbone` on the tensor `image`, which has 3 channels.

    Args:
        backbone: the network.
        builder: of the graph.
        image: name of the tensor.
        as_stored: write each weight in the shape that the network stores it in, neither padded
            nor cut, so that those of a supernet's subnets are corners of one another.

    Raises:
        ExportError: a layer or a call between layers cannot be translated.
    """
    return _Translator(backbone, builder, as_stored).run(image)


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

    def __init__(self, backbone: nn.Module, builder: GraphBuilder, as_stored: bool) -> None:
        self._builder, self._as_stored = builder, as_stored
        self._traced = trace(backbone)
        self._layers = modules_of(self._traced)
        self._plan = LayoutPlan(self._traced, self._layers)
        self._norms = self._foldable_norms()
        self._tensors: Dict[fx.Node, Tensor] = {}
        self._parts: Dict[fx.Node, List[Tensor]] = {}

    def run(self, image: str) -> Tensor:
        """Write every call; return the features."""
        for node in self._traced.graph.nodes:
            if node.op == "placeholder":
                self._tensors[node] = (image, plain_layout(3))
            elif self._is_concat(node):
                # Written where a whole tensor is needed; a 1x1 convolution takes the parts.
                self._parts[node] = self._concat_parts(node)
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
        argument = self._arguments(node, 1)[0]
        path = str(node.target)
        norm = self._norms.get(node)
        folded = self._layers[str(norm.target)] if norm is not None else None
        assert folded is None or isinstance(folded, nn.BatchNorm2d)
        layer = self._layers[path]
        parts = self._parts.get(argument, [])
        by_parts = bool(parts) and isinstance(layer, nn.Conv2d) and _is_pointwise(layer)
        by_parts = by_parts and not self._as_stored
        tensor, source = parts[0] if by_parts else self._of(argument)
        channels = len(source.positions)
        made_channels = _channels_after(layer, channels)
        target = plain_layout(made_channels)
        if not self._as_stored:
            target = self._plan.of(node, made_channels)
        call = Call(
            self._builder,
            layer,
            f"features.{path}",
            self._name(node),
            tensor,
            source,
            target,
            folded,
        )
        made = write_convolution_of_parts(call, parts) if by_parts else write_layer(call)
        return made, target

    def _function(self, node: fx.Node) -> Tensor:
        kind = function_kind(node)
        operator, count = {"add": ("Add", 2), "relu": ("Relu", 1)}[kind]
        operands = [self._of(argument) for argument in self._arguments(node, count)]
        names = [name for name, _ in operands]
        layout = max((layout for _, layout in operands), key=lambda layout: layout.size)
        return self._builder.node(operator, self._name(node), names), layout

    @staticmethod
    def _is_concat(node: fx.Node) -> bool:
        return node.op in ("call_function", "call_method") and function_kind(node) == "concat"

    def _concat_parts(self, node: fx.Node) -> List[Tensor]:
        """Return what `node` concatenates; parts that are concatenated themselves, one by one."""
        axis = node.kwargs.get("dim", node.args[1] if len(node.args) > 1 else 0)
        if axis != 1:
            raise ExportError(
                f"{node.name} concatenates along axis {axis}; only channels (dim=1) can be exported"
            )
        arguments: Any = node.args[0]
        return [
            part
            for argument in arguments
            for part in self._parts.get(argument) or [self._of(argument)]
        ]

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
        if argument not in self._tensors:
            parts = self._parts[argument]
            name = self._name(argument)
            self._builder.node("Concat", name, [tensor for tensor, _ in parts], axis=1)
            self._tensors[argument] = name, concatenated([layout for _, layout in parts])
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


def _channels_after(layer: nn.Module, channels: int) -> int:
    if isinstance(layer, nn.PixelShuffle):
        return channels // layer.upscale_factor**2
    if isinstance(layer, nn.PixelUnshuffle):
        return channels * layer.downscale_factor**2
    return int(getattr(layer, "out_channels", channels))


def _is_pointwise(layer: nn.Conv2d) -> bool:
    return layer.kernel_size == (1, 1) and layer.groups == 1 and layer.padding == (0, 0)


def _write_projections(model: PCSR, builder: GraphBuilder, features: Tensor) -> None:
    """Write a 1x1 convolution and a transposition per head.

    One convolution for all would be cheaper by itself, but splitting its result again, row by
    row or column by column, is not.
    """
    tensor, layout = features
    for suffix, head in heads_of(model).items():
        weight = layout.spread(array(head.projection_weight()), 1)
        width = len(weight)
        inputs = [tensor, builder.weight(f"projection_{suffix}.weight", weight[:, :, None, None])]
        planes = builder.node("Conv", f"planes_{suffix}", inputs, kernel_shape=[1, 1])
        pixels = builder.node("Transpose", f"pixels_{suffix}", [planes], perm=[0, 2, 3, 1])
        shape = builder.constant(f"rows_{suffix}", np.asarray([-1, width], dtype=np.int64))
        rows = builder.node("Reshape", f"projection_{suffix}", [pixels, shape])
        builder.output(rows, builder.element_type, ["cells", width])
