"""The optimisers that a recipe may name."""

from __future__ import annotations

from typing import Callable, List, Mapping, Tuple

import torch

from pcsr_edge.train.gauss_newton import GaussNewton
from pcsr_edge.train.soap import Soap

Learning = List[torch.nn.Parameter]
Betas = Tuple[float, float]


def _adam(learning: Learning, lr: float, betas: Betas) -> torch.optim.Optimizer:
    return torch.optim.Adam(learning, lr=lr, betas=betas)


def _gauss_newton(learning: Learning, lr: float, betas: Betas) -> torch.optim.Optimizer:
    del betas  # It has moving averages of its own.
    return GaussNewton(learning, lr)


GAUSS_NEWTON = "gauss-newton"
OPTIMIZERS: Mapping[str, Callable[[Learning, float, Betas], torch.optim.Optimizer]] = {
    "adam": _adam,
    GAUSS_NEWTON: _gauss_newton,
    "soap": Soap,
}
"""Name in a recipe → what makes the optimiser of weights, learning rate and betas."""
