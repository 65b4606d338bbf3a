"""How the C channels of each phase become one: maximum, or a weighted sum."""

from __future__ import annotations

from typing import Callable, Dict, List, Mapping, Sequence, Tuple

import numpy as np
import torch

from pcsr_edge.export.graph_builder import GraphBuilder
from pcsr_edge.models import EdgeSR
from pcsr_edge.models.edge_sr import EdgeSRCNN, EdgeSRMax, EdgeSRTransformer

Blocks = Callable[[Mapping[str, torch.Tensor]], Dict[str, str]]
"""Writes convolutions, name → kernels (scale², inputs, K, K), and returns name → tensor."""
Kernels = Dict[str, torch.Tensor]


def write_join(model: EdgeSR, builder: GraphBuilder, blocks: Blocks) -> str:
    """Write the last layer of `model` and its join; return the tensor of phases.

    The names of the convolutions tell what they hold: `value_0`, `key_0-key_1`…
    """
    kernels = _kernels(model)
    values = [name for name in kernels if name.startswith("value")]
    if len(values) == 1:
        # The softmax of one number is 1, and it is the largest.
        return blocks({"value_0": kernels["value_0"]})["value_0"]
    if isinstance(model, EdgeSRMax):
        return builder.node("Max", "largest", list(blocks(kernels).values()))
    if len(values) == 2:
        return _write_pair(model, builder, blocks, kernels)
    return _write_softmax(model, builder, blocks(_logits_first(kernels)))


def _kernels(model: EdgeSR) -> Kernels:
    # In double precision, so that sums of kernels are rounded once.
    filters = model.filters().detach().double()
    groups = ("value", "key") if model.groups == 2 else ("value", "query", "key")
    return {
        f"{group}_{channel}": filters[index, channel]
        for index, group in enumerate(groups[: model.groups])
        for channel in range(model.channels)
    }


def _logits_first(kernels: Kernels) -> Kernels:
    """Order the kernels as they are needed, so that less must be kept at a time."""
    return dict(sorted(kernels.items(), key=lambda item: item[0].startswith("value")))


def _write_pair(model: EdgeSR, builder: GraphBuilder, blocks: Blocks, kernels: Kernels) -> str:
    """Write two channels: their softmax is the sigmoid of a difference, which cannot overflow.

    Keys enter as their difference, so the convolution makes it.
    """
    zero, one = kernels.pop("key_0"), kernels.pop("key_1")
    if isinstance(model, EdgeSRTransformer):
        kernels.update(key_0=zero, key_1=one)
    else:
        kernels["key_0-key_1"] = zero - one
    if isinstance(model, EdgeSRCNN):
        kernels["key_0+key_1"] = zero + one
    parts = blocks(_logits_first(kernels))
    if isinstance(model, EdgeSRTransformer):
        products = _products(builder, parts, 2)
        difference = builder.node("Sub", "logit", products)
    elif isinstance(model, EdgeSRCNN):
        # The difference of two squares.
        difference = builder.node("Mul", "logit", [parts["key_0-key_1"], parts["key_0+key_1"]])
    else:
        difference = parts["key_0-key_1"]
    share = builder.node("Sigmoid", "share_0", [difference])
    unit = builder.weight("one", np.ones(()))
    rest = builder.node("Sub", "share_1", [unit, share])
    terms = [
        builder.node("Mul", f"term_{channel}", [parts[f"value_{channel}"], weight])
        for channel, weight in enumerate((share, rest))
    ]
    return builder.node("Add", "joined", terms)


def _products(builder: GraphBuilder, parts: Mapping[str, str], channels: int) -> List[str]:
    return [
        builder.node("Mul", f"logit_{c}", [parts[f"query_{c}"], parts[f"key_{c}"]])
        for c in range(channels)
    ]


def _logits(model: EdgeSR, builder: GraphBuilder, parts: Mapping[str, str]) -> List[str]:
    if isinstance(model, EdgeSRTransformer):
        return _products(builder, parts, model.channels)
    keys = [parts[f"key_{c}"] for c in range(model.channels)]
    if isinstance(model, EdgeSRCNN):
        return [builder.node("Mul", f"logit_{c}", [key, key]) for c, key in enumerate(keys)]
    return keys


def _write_softmax(model: EdgeSR, builder: GraphBuilder, parts: Mapping[str, str]) -> str:
    """Write any number of channels: exponentials of what each logit is below the largest.

    Published keys reach several hundred, where an exponential alone would overflow.
    """
    logits = _logits(model, builder, parts)
    largest = builder.node("Max", "largest", logits)
    sums: Tuple[str, str] = ("", "")
    for c, logit in enumerate(logits):
        below = builder.node("Sub", f"below_{c}", [logit, largest])
        weight = builder.node("Exp", f"weight_{c}", [below])
        term = builder.node("Mul", f"term_{c}", [parts[f"value_{c}"], weight])
        sums = (term, weight) if c == 0 else _add(builder, sums, (term, weight), c)
    return builder.node("Div", "joined", list(sums))


def _add(
    builder: GraphBuilder, sums: Sequence[str], terms: Sequence[str], number: int
) -> Tuple[str, str]:
    total, weight = (
        builder.node("Add", f"{name}_{number}", [left, right])
        for name, left, right in zip(("total", "weights"), sums, terms)
    )
    return total, weight
