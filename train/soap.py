"""SOAP: Adam in the eigenbasis of the gradients' second moments.

N. Vyas et al., "SOAP: Improving and Stabilizing Shampoo using Adam", 2024,
https://arxiv.org/abs/2409.11321, algorithm 3.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, Optional, Tuple

import torch

BASIS_BETA = 0.95
"""Of the moving averages whose eigenvectors the basis is."""
BASIS_EVERY = 10
"""Steps between two refreshes of the basis; the first steps refresh it each."""
BASIS_WARM_UP = 20
EPSILON = 1e-10
"""Squared errors of luma have small gradients, so it is less than Adam's usual 1e-8."""


class Soap(torch.optim.Optimizer):
    """For networks of a few thousand weights, whose inputs are neighbouring pixels, all alike.

    Every weight is taken as a matrix: outputs by everything else; a bias is one row.

    Args:
        params: what learns.
        lr: learning rate; may be changed in `param_groups` before each step.
        betas: of the moving averages of the gradient and of its square in the basis.
    """

    def __init__(
        self, params: Iterable[torch.nn.Parameter], lr: float, betas: Tuple[float, float]
    ) -> None:
        super().__init__(params, {"lr": lr, "betas": betas})

    @torch.no_grad()
    def step(self, closure: Optional[Callable[[], float]] = None) -> None:  # type: ignore[override]
        """Change every weight that has a gradient; closures are not taken."""
        assert closure is None
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                grad = weight.grad.reshape(len(weight) if weight.ndim > 1 else 1, -1)
                state = self.state[weight]
                if state:
                    change = _change(state, grad, group["betas"])
                    weight.sub_(group["lr"] * change.reshape(weight.shape))
                else:
                    # The first gradient only makes a basis: along most of its axes it is nothing
                    # but rounding errors, and the quotient of two of them may be anything.
                    _begin(state, grad)


def _change(state: Dict[str, Any], grad: torch.Tensor, betas: Tuple[float, float]) -> torch.Tensor:
    """Return the direction of a step, and take the gradient into account."""
    state["step"] += 1
    step, left, right = int(state["step"]), state["left_basis"], state["right_basis"]
    state["mean"].lerp_(grad, 1 - betas[0])
    state["square"].lerp_((left.T @ grad @ right).square(), 1 - betas[1])
    mean = left.T @ state["mean"] @ right / (1 - betas[0] ** step)
    square = state["square"] / (1 - betas[1] ** step)
    # Adam's steps hardly exceed the learning rate; where the basis has turned they could.
    axes = (mean / (square.sqrt() + EPSILON)).clamp(-1, 1)
    change: torch.Tensor = left @ axes @ right.T
    state["left"].lerp_(grad @ grad.T, 1 - BASIS_BETA)
    state["right"].lerp_(grad.T @ grad, 1 - BASIS_BETA)
    if step < BASIS_WARM_UP or step % BASIS_EVERY == 0:
        _refresh(state, "left", 0)
        _refresh(state, "right", 1)
    return change


def _begin(state: Dict[str, Any], grad: torch.Tensor) -> None:
    state["step"] = torch.zeros(())
    state["mean"], state["square"] = torch.zeros_like(grad), torch.zeros_like(grad)
    state["left"], state["right"] = grad @ grad.T, grad.T @ grad
    for side in ("left", "right"):
        state[f"{side}_basis"] = torch.linalg.eigh(state[side])[1].flip(1)


def _refresh(state: Dict[str, Any], side: str, dim: int) -> None:
    """Follow the eigenvectors by one step of the power iteration.

    It puts the largest first, so they must stand in that order, and what is known along them.
    """
    basis = state[f"{side}_basis"]
    powers = state[side] @ basis
    order = (basis * powers).sum(dim=0).argsort(descending=True, stable=True)
    state["square"] = state["square"].index_select(dim, order)
    state[f"{side}_basis"] = torch.linalg.qr(powers[:, order])[0]
