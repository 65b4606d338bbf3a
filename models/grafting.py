"""A cascade's first weights, taken from networks that were trained before."""

from __future__ import annotations

from typing import List, Union

import torch
from torch import nn

from pcsr_edge.errors import CheckpointError
from pcsr_edge.models.cascade import TAIL_GAIN, Cascade
from pcsr_edge.models.plain import Plain
from pcsr_edge.models.reparameterised import ReparameterisedConv

NEW_GAIN = 0.1
"""Factor on the random weights of layers that the plain network does not have."""


@torch.no_grad()
def graft(source: Union[Plain, Cascade], cascade: Cascade) -> None:
    """Give `cascade` the trunk and the light head of a network, or all it can of a cascade.

    A plain network becomes the light result, exactly. Of another cascade, everything that has
    the same shape is taken: all but the heads, where the scale is another one.

    Raises:
        CheckpointError: the networks do not fit together.
    """
    if isinstance(source, Cascade):
        _copy_equal_shapes(source, cascade)
        return
    ours, theirs = cascade.config, source.config
    if (ours.scale, ours.trunk_channels, ours.trunk_layers, ours.expansion) != (
        theirs.scale,
        theirs.channels,
        theirs.layers,
        theirs.expansion,
    ):
        raise CheckpointError(
            f"the trunk of {ours} cannot be that of {theirs}; scale, channels, layers and "
            "expansion must agree"
        )
    for layer, old in zip([*_convs(cascade.trunk), cascade.light], _convs(source.body)):
        layer.load_state_dict(old.state_dict())


@torch.no_grad()
def graft_deep(source: Plain, cascade: Cascade) -> None:
    """Let the deep part of `cascade` begin with the layers of a plain network.

    Its first layer looks at the picture among the features, hardly at the others. The layers
    between are spread over the deep part, and new ones among them begin close to the identity,
    which after a ReLU changes nothing. The last layer begins close to 0: it has to correct the
    light result, not the bilinear one.

    Raises:
        CheckpointError: the networks do not fit together.
    """
    ours, theirs = cascade.config, source.config
    if (ours.scale, ours.deep_channels, ours.expansion) != (
        theirs.scale,
        theirs.channels,
        theirs.expansion,
    ) or theirs.layers > ours.deep_layers:
        raise CheckpointError(
            f"the deep part of {ours} cannot begin as {theirs}; scale, channels and expansion "
            "must agree, and there must be no more layers"
        )
    layers, deep = _convs(source.body), _convs(cascade.deep)
    for weight in (deep[0].kernel, deep[0].squeeze):
        weight.mul_(NEW_GAIN)
    deep[0].kernel[:, ours.trunk_channels :] = layers[0].merged_kernel()
    deep[0].bias.copy_(layers[0].bias)
    _spread(layers[1:-1], deep[1:-1])
    cascade.tail.load_state_dict(layers[-1].state_dict())
    for weight in (cascade.tail.kernel, cascade.tail.squeeze, cascade.tail.bias):
        weight.mul_(TAIL_GAIN)


def _spread(layers: List[ReparameterisedConv], places: List[ReparameterisedConv]) -> None:
    """Copy layers to places in their order; make the places between them new."""
    taken = {number * len(places) // len(layers): layer for number, layer in enumerate(layers)}
    for index, place in enumerate(places):
        if index in taken:
            place.load_state_dict(taken[index].state_dict())
        else:
            for weight in (place.kernel, place.squeeze):
                weight.mul_(NEW_GAIN)


def _convs(layers: nn.Sequential) -> List[ReparameterisedConv]:
    return [layer for layer in layers if isinstance(layer, ReparameterisedConv)]


def _copy_equal_shapes(source: Cascade, cascade: Cascade) -> None:
    ours = cascade.state_dict()
    for name, values in source.state_dict().items():
        if name in ours and ours[name].shape == values.shape:
            ours[name].copy_(values)
