"""Gauss-Newton steps: least squares in a few steps, and weights that rest."""

from __future__ import annotations

from typing import Tuple

import pytest
import torch

from pcsr_edge.train.gauss_newton import GaussNewton


def _fit(steps: int, lr: float = 1.0) -> Tuple[torch.Tensor, torch.Tensor]:
    """Fit badly scaled weights, of which the last two rest; return them and the truth."""
    rows = torch.randn(50, 3, generator=torch.manual_seed(0)) * torch.tensor([1.0, 1e-2, 1e2])
    truth = torch.tensor([2.0, -30.0, 0.4])
    first = torch.nn.Parameter(torch.zeros(2))
    second = torch.nn.Parameter(torch.tensor([[0.0], [5.0], [6.0]]))
    optimizer = GaussNewton([first, second], lr)
    for _ in range(steps):
        weights = torch.cat([first, second[:1, 0]])
        loss = (rows @ (weights - truth)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.observe(rows.T @ rows * (2 / len(rows)))
        optimizer.step()
    return torch.cat([first, second[:, 0]]).detach(), truth


def test_least_squares_are_solved_in_a_few_steps() -> None:
    weights, truth = _fit(60)
    torch.testing.assert_close(weights[:3], truth, rtol=1e-2, atol=1e-2)


def test_weights_without_curvature_rest() -> None:
    weights, _ = _fit(3)
    assert weights[3:].tolist() == [5, 6]


def test_the_rate_is_the_share_of_a_step() -> None:
    whole, half = (_fit(1, lr)[0] for lr in (1.0, 0.5))
    # Damping falls with the rate, so that flat directions learn a little more than half.
    assert half[2] / whole[2] == pytest.approx(0.5, rel=0.02)


def test_the_first_weights_can_rest() -> None:
    weight = torch.nn.Parameter(torch.zeros(3))
    optimizer = GaussNewton([weight], 1.0)
    for resting, expected in ((2, [True, True, False]), (0, [False] * 3)):
        weight.grad = torch.ones(3)
        optimizer.observe(torch.eye(3), resting)
        optimizer.step()
        assert (weight == 0).tolist() == expected


@pytest.mark.parametrize("size", [1, 2])
def test_a_weight_on_which_nothing_depends_stays(size: int) -> None:
    weight = torch.nn.Parameter(torch.ones(3))
    weight.grad = torch.tensor([1.0] * size + [0.0] * (3 - size))
    optimizer = GaussNewton([weight], 1.0)
    optimizer.observe(torch.diag(weight.grad))
    optimizer.step()
    assert (weight != 1).tolist() == [True] * size + [False] * (3 - size)
