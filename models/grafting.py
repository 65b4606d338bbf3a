"""A cascade's first weights, taken from a plain network or from another cascade."""

from __future__ import annotations

from typing import List, Union

import torch
from torch import nn

from pcsr_edge.errors import CheckpointError
from pcsr_edge.models.cascade import Cascade
from pcsr_edge.models.plain import Plain
from pcsr_edge.models.reparameterised import ReparameterisedConv

NEW_GAIN = 0.1
"""Factor on the random weights of layers that the plain network does not have."""


@torch.no_grad()
def graft(source: Union[Plain, Cascade], cascade: Cascade) -> None:
    """Give `cascade` the weights of a network that was trained before.

    Of a plain network, the first layers become the trunk and the last one the tail; those
    between are spread over the deep part, and the layers among them begin close to the
    identity, which after a ReLU changes nothing: a deeper network that begins as good. Of
    another cascade, everything that has the same shape is taken: all but the heads, where the
    scale is another one.

    Raises:
        CheckpointError: the networks do not fit together.
    """
    if isinstance(source, Cascade):
        _copy_equal_shapes(source, cascade)
        return
    ours, theirs = cascade.config, source.config
    if (ours.scale, ours.channels, ours.expansion) != (
        theirs.scale,
        theirs.channels,
        theirs.expansion,
    ) or not ours.trunk_layers <= theirs.layers <= ours.trunk_layers + ours.deep_layers:
        raise CheckpointError(
            f"a cascade of {ours} cannot begin as a plain network of {theirs}; scale, channels and "
            "expansion must agree, and its layers be no fewer than the trunk's and no more than "
            "all of the cascade's"
        )
    layers, trunk, deep = _convs(source.body), _convs(cascade.trunk), _convs(cascade.deep)
    for layer, old in zip(trunk, layers):
        layer.load_state_dict(old.state_dict())
    middle = layers[len(trunk) : -1]
    for index, layer in enumerate(deep[:-1]):
        number = index * len(middle) // max(1, len(deep) - 1)
        before = (index - 1) * len(middle) // max(1, len(deep) - 1)
        if number != before:
            layer.load_state_dict(middle[number].state_dict())
        else:
            for weight in (layer.kernel, layer.squeeze):
                weight.mul_(NEW_GAIN)
    deep[-1].load_state_dict(layers[-1].state_dict())


def _convs(layers: nn.Sequential) -> List[ReparameterisedConv]:
    return [layer for layer in layers if isinstance(layer, ReparameterisedConv)]


def _copy_equal_shapes(source: Cascade, cascade: Cascade) -> None:
    ours = cascade.state_dict()
    for name, values in source.state_dict().items():
        if name in ours and ours[name].shape == values.shape:
            ours[name].copy_(values)
