"""How each layer of a backbone is written as ONNX nodes; add yours to `LAYERS`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Mapping, Optional, Sequence, Tuple, Type

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from pcsr_edge.errors import ExportError
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
    channels: int
    """Channels of that tensor."""
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


def write_convolution(call: Call) -> Tuple[str, int]:
    """Write a Conv2d, with the batch norm that follows it folded in."""
    layer = call.layer
    assert isinstance(layer, nn.Conv2d)
    if layer.padding_mode != "zeros" or isinstance(layer.padding, str):
        raise ExportError(
            f"convolution {call.path} pads with {layer.padding_mode!r}, {layer.padding!r}; only "
            "zero padding given in numbers can be exported"
        )
    weight, bias = _folded(layer, call.norm)
    inputs = [call.input, call.builder.weight(f"{call.path}.weight", weight)]
    if bias is not None:
        inputs.append(call.builder.weight(f"{call.path}.bias", bias))
    out = call.builder.node(
        "Conv",
        call.name,
        inputs,
        kernel_shape=list(layer.kernel_size),
        pads=[*layer.padding, *layer.padding],
        strides=list(layer.stride),
        dilations=list(layer.dilation),
        group=layer.groups,
    )
    return out, layer.out_channels


def write_prelu(call: Call) -> Tuple[str, int]:
    """Write a PReLU: as LeakyRelu where all channels share one slope, which engines fuse."""
    layer = call.layer
    assert isinstance(layer, nn.PReLU)
    if layer.num_parameters == 1:
        slope = float(layer.weight.item())
        return call.builder.node("LeakyRelu", call.name, [call.input], alpha=slope), call.channels
    slopes = call.builder.weight(f"{call.path}.slope", array(layer.weight).reshape(-1, 1, 1))
    return call.builder.node("PRelu", call.name, [call.input, slopes]), call.channels


def write_leaky_relu(call: Call) -> Tuple[str, int]:
    """Write a LeakyReLU."""
    layer = call.layer
    assert isinstance(layer, nn.LeakyReLU)
    out = call.builder.node("LeakyRelu", call.name, [call.input], alpha=float(layer.negative_slope))
    return out, call.channels


def write_relu(call: Call) -> Tuple[str, int]:
    """Write a ReLU."""
    return call.builder.node("Relu", call.name, [call.input]), call.channels


def write_nothing(call: Call) -> Tuple[str, int]:
    """Pass the tensor on: what Identity does always, and Dropout after training."""
    return call.input, call.channels


LAYERS: Mapping[Type[nn.Module], Callable[[Call], Tuple[str, int]]] = {
    nn.Conv2d: write_convolution,
    nn.PReLU: write_prelu,
    nn.LeakyReLU: write_leaky_relu,
    nn.ReLU: write_relu,
    nn.Identity: write_nothing,
    nn.Dropout: write_nothing,
}
"""Layer → writer, which returns the tensor it made and that tensor's channels."""


def write_layer(call: Call) -> Tuple[str, int]:
    """Write one call of a layer.

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
