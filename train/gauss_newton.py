"""Gauss-Newton steps: the linear least squares problem that the residuals are nearby, damped.

For networks of some hundred weights whose first layers learn slowly by gradients alone.
K. Levenberg, "A method for the solution of certain non-linear problems in least squares", 1944;
D. Marquardt, "An algorithm for least-squares estimation of nonlinear parameters", 1963.
"""

from __future__ import annotations

from typing import Callable, Iterable, Optional

import torch

GRADIENT_BETA = 0.8
CURVATURE_BETA = 0.9
"""Of the moving averages: a batch alone does not decide all weights."""
DAMPING = 1e-2
"""Share of each weight's own curvature that is added, times the learning rate."""
FLOOR = 1e-7
"""Share of the mean curvature that is added, for weights on which nothing depends."""


class GaussNewton(torch.optim.Optimizer):
    """Solves for the step by the curvature that `observe` was told.

    Args:
        params: what learns.
        lr: share of a whole step; may be changed in `param_groups` before each step.
    """

    def __init__(self, params: Iterable[torch.nn.Parameter], lr: float) -> None:
        super().__init__(params, {"lr": lr})
        self._curvature, self._resting = torch.empty(0), 0

    def observe(self, curvature: torch.Tensor, resting: int = 0) -> None:
        """Take what the next step needs beside gradients.

        Args:
            curvature: (m, m) mean of JᵀJ in the loss's weights, J of the residuals by the first
                m weights, all parameters laid in a row; the others rest.
            resting: how many of the first weights rest as well.
        """
        self._curvature, self._resting = curvature, resting

    @torch.no_grad()
    def step(self, closure: Optional[Callable[[], float]] = None) -> None:  # type: ignore[override]
        """Change the first m weights; closures are not taken."""
        assert closure is None
        (group,) = self.param_groups
        weights = group["params"]
        grads = (torch.zeros_like(w) if w.grad is None else w.grad for w in weights)
        count = len(self._curvature)
        gradient = torch.cat([grad.reshape(-1) for grad in grads])[:count]
        change = gradient.new_zeros(sum(w.numel() for w in weights))
        change[:count] = group["lr"] * self._solve(weights[0], gradient, group["lr"])
        parts = torch.split(change, [w.numel() for w in weights])
        for weight, part in zip(weights, parts):
            weight.sub_(part.view_as(weight))

    def _solve(self, holder: torch.nn.Parameter, gradient: torch.Tensor, lr: float) -> torch.Tensor:
        state = self.state[holder]
        if not state:
            state["step"] = torch.zeros(())
            state["gradient"] = torch.zeros_like(gradient)
            state["curvature"] = torch.zeros_like(self._curvature)
        state["step"] += 1
        step = int(state["step"])
        state["gradient"].lerp_(gradient, 1 - GRADIENT_BETA)
        state["gradient"][: self._resting] = 0
        state["curvature"].lerp_(self._curvature, 1 - CURVATURE_BETA)
        mean: torch.Tensor = state["gradient"].double() / (1 - GRADIENT_BETA**step)
        matrix = state["curvature"].double() / (1 - CURVATURE_BETA**step)
        own = matrix.diagonal().clone()
        matrix.diagonal().add_(DAMPING * lr * own + FLOOR * own.mean())
        first = self._resting
        mean[first:] = torch.linalg.solve(matrix[first:, first:], mean[first:])
        return mean.to(gradient.dtype)
