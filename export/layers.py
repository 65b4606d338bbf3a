"""How each layer of a backbone is written as ONNX nodes; add yours to `LAYERS`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Mapping, Optional, Sequence, Tuple, Type

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from pcsr_edge.errors import ExportError
from pcsr_edge.export.channel_padding import Layout
from pcsr_edge.export.graph_builder import GraphBuilder

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Call:
    """One call of a layer."""

    builder: GraphBuilder
    layer: nn.Module
    path: str
    """Where the layer stands in the network; its constants are named after it."""
    name: str
    """Name of the node to write."""
    input: str
    """Tensor that the layer is called on."""
    source: Layout
    """Layout of that tensor's channels."""
    target: Layout
    """Layout of the result's channels."""
    norm: Optional[nn.BatchNorm2d] = None
    """A batch norm to fold into this convolution."""


def array(tensor: torch.Tensor) -> Array:
    """Return a parameter as float64, so that folding does not round twice."""
    return np.asarray(tensor.detach().cpu().double().numpy())


def _folded(layer: nn.Conv2d, norm: Optional[nn.BatchNorm2d]) -> Tuple[Array, Optional[Array]]:
    """Return weight and bias of `layer` followed by `norm`, as one convolution."""
    weight = array(layer.weight)
    bias = None if layer.bias is None else array(layer.bias)
    if norm is None:
        return weight, bias
    if norm.running_mean is None or norm.running_var is None:
        raise ExportError("a batch norm without running statistics cannot be exported; track them")
    gain = 1 / np.sqrt(array(norm.running_var) + norm.eps)
    shift = ((0.0 if bias is None else bias) - array(norm.running_mean)) * gain
    if norm.affine:
        gain, shift = gain * array(norm.weight), shift * array(norm.weight) + array(norm.bias)
    return weight * gain.reshape(-1, 1, 1, 1), shift


def write_convolution(call: Call) -> str:
    """Write a Conv2d, with the batch norm that follows it folded in."""
    layer = call.layer
    assert isinstance(layer, nn.Conv2d)
    if layer.padding_mode != "zeros" or isinstance(layer.padding, str):
        raise ExportError(
            f"convolution {call.path} pads with {layer.padding_mode!r}, {layer.padding!r}; only "
            "zero padding given in numbers can be exported"
        )
    weight, bias = _folded(layer, call.norm)
    # The inputs of a group's filters, then the filters themselves.
    weight = call.target.spread(call.source.part(layer.groups).spread(weight, 1), 0)
    inputs = [call.input, call.builder.weight(f"{call.path}.weight", weight)]
    if bias is not None:
        inputs.append(call.builder.weight(f"{call.path}.bias", call.target.spread(bias, 0)))
    return call.builder.node(
        "Conv",
        call.name,
        inputs,
        kernel_shape=list(layer.kernel_size),
        pads=[*layer.padding, *layer.padding],
        strides=list(layer.stride),
        dilations=list(layer.dilation),
        group=layer.groups,
    )


def write_convolution_of_parts(call: Call, parts: Sequence[Tuple[str, Layout]]) -> str:
    """Write a 1x1 Conv2d on a concatenation as the sum of one convolution per part.

    Engines add within the convolution; concatenating would copy every part first.

    Args:
        call: `input` and `source` of it do not matter.
        parts: tensors and their layouts, in the order of the concatenation.
    """
    assert isinstance(call.layer, nn.Conv2d)
    weight, bias = _folded(call.layer, call.norm)
    weight, total, start = call.target.spread(weight, 0), "", 0
    for index, (tensor, layout) in enumerate(parts):
        stop = start + len(layout.positions)
        part = layout.spread(weight[:, start:stop], 1)
        inputs = [tensor, call.builder.weight(f"{call.path}.weight_{index}", part)]
        if bias is not None and index == 0:
            inputs.append(call.builder.weight(f"{call.path}.bias", call.target.spread(bias, 0)))
        made = call.builder.node("Conv", f"{call.name}_part_{index}", inputs, kernel_shape=[1, 1])
        total = (
            call.builder.node("Add", f"{call.name}_sum_{index}", [made, total]) if total else made
        )
        start = stop
    return total


def write_prelu(call: Call) -> str:
    """Write a PReLU: as LeakyRelu where all channels share one slope, which engines fuse."""
    layer = call.layer
    assert isinstance(layer, nn.PReLU)
    if layer.num_parameters == 1:
        slope = float(layer.weight.item())
        return call.builder.node("LeakyRelu", call.name, [call.input], alpha=slope)
    spread = call.source.spread(array(layer.weight), 0)
    slopes = call.builder.weight(f"{call.path}.slope", spread.reshape(-1, 1, 1))
    return call.builder.node("PRelu", call.name, [call.input, slopes])


def write_leaky_relu(call: Call) -> str:
    """Write a LeakyReLU."""
    layer = call.layer
    assert isinstance(layer, nn.LeakyReLU)
    slope = float(layer.negative_slope)
    return call.builder.node("LeakyRelu", call.name, [call.input], alpha=slope)


def write_relu(call: Call) -> str:
    """Write a ReLU."""
    return call.builder.node("Relu", call.name, [call.input])


def write_pixel_shuffle(call: Call) -> str:
    """Write a PixelShuffle: CRD is torch's order of channels."""
    assert isinstance(call.layer, nn.PixelShuffle)
    factor = call.layer.upscale_factor
    return call.builder.node("DepthToSpace", call.name, [call.input], blocksize=factor, mode="CRD")


def write_pixel_unshuffle(call: Call) -> str:
    """Write a PixelUnshuffle: ONNX puts the phases before the channels, torch after them."""
    assert isinstance(call.layer, nn.PixelUnshuffle)
    factor = call.layer.downscale_factor
    blocks = call.builder.node(
        "SpaceToDepth", f"{call.name}_blocks", [call.input], blocksize=factor
    )
    channels = len(call.source.positions)
    order = np.arange(channels * factor**2).reshape(factor**2, channels).T.ravel()
    indices = call.builder.constant(f"{call.path}.order", order.astype(np.int32))
    return call.builder.node("Gather", call.name, [blocks, indices], axis=1)


def write_nothing(call: Call) -> str:
    """Pass the tensor on: what Identity does always, and Dropout after training."""
    return call.input


LAYERS: Mapping[Type[nn.Module], Callable[[Call], str]] = {
    nn.Conv2d: write_convolution,
    nn.PReLU: write_prelu,
    nn.LeakyReLU: write_leaky_relu,
    nn.ReLU: write_relu,
    nn.PixelShuffle: write_pixel_shuffle,
    nn.PixelUnshuffle: write_pixel_unshuffle,
    nn.Identity: write_nothing,
    nn.Dropout: write_nothing,
}
"""Layer → writer, which returns the tensor it made."""


def write_layer(call: Call) -> str:
    """Write one call of a layer, and return the tensor it made.

    Raises:
        ExportError: nobody has said how this kind of layer is written.
    """
    writer = LAYERS.get(type(call.layer))
    if writer is None:
        known: Sequence[str] = sorted(kind.__name__ for kind in LAYERS)
        raise ExportError(
            f"layer {call.path} is a {type(call.layer).__name__}, which cannot be exported here; "
            f"known are {', '.join(known)}, and BatchNorm2d right after a Conv2d"
        )
    return writer(call)
