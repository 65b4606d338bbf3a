"""What an output cell of a stack of convolutions depends on, weight by weight."""

from __future__ import annotations

from typing import List, Sequence, Tuple

import torch
from torch import nn
from torch.nn import functional as F


def jacobian(
    hidden: Sequence[nn.Module], last: torch.Tensor, windows: torch.Tensor
) -> torch.Tensor:
    """Differentiate the outputs of the one cell that each window decides.

    Args:
        hidden: convolutions with bias, each followed by tanh.
        last: (P, inputs, K, K), the last convolution, without bias.
        windows: (N, 1, s, s), s the pixels that a cell sees.

    Returns:
        (N, P, weights): by the weights and biases of the hidden layers in order, then by `last`.
    """
    steps: List[Tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = []
    inputs = windows
    for layer in (layer for layer in hidden if isinstance(layer, nn.Conv2d)):
        columns = F.unfold(inputs, layer.kernel_size)
        steps.append((layer.weight, inputs, columns))
        inputs = F.conv2d(inputs, layer.weight, layer.bias).tanh()
    count, phases = len(windows), len(last)
    columns = F.unfold(inputs, last.shape[2:])[..., 0]
    parts = [torch.einsum("po,ni->npoi", torch.eye(phases).to(last), columns).flatten(2)]
    back = last.flatten(1).view(1, phases, *last.shape[1:]).expand(count, -1, -1, -1, -1)
    for weight, source, columns in reversed(steps):
        slope = (back * (1 - inputs.square())[:, None]).flatten(3)
        parts[:0] = [torch.einsum("npol,nil->npoi", slope, columns).flatten(2), slope.sum(3)]
        sums = torch.einsum("npol,oi->npil", slope, weight.flatten(1)).flatten(0, 1)
        folded = F.fold(sums, source.shape[2:], weight.shape[2:])
        back, inputs = folded.view(count, phases, *source.shape[1:]), source
    return torch.cat(parts, dim=2)
