"""SOAP: a step by the formulas, correlated inputs, and states that resume."""

from __future__ import annotations

from typing import Callable, List

import torch

from pcsr_edge.train.optimizers import OPTIMIZERS
from pcsr_edge.train.soap import Soap

Loss = Callable[[torch.Tensor], torch.Tensor]
BETAS = (0.9, 0.99)


def alike() -> Loss:
    """Return a loss over (2, 12) weights whose inputs are neighbours of a smooth signal."""
    generator = torch.Generator().manual_seed(0)
    steps = torch.randn(500, 12, generator=generator) * 0.1
    inputs = torch.randn(500, 1, generator=generator) + steps.cumsum(dim=1)
    truth = torch.randn(2, 12, generator=generator)
    return lambda weight: (inputs @ (weight - truth).T).square().mean()


def train(weight: torch.nn.Parameter, optimizer: torch.optim.Optimizer, steps: int) -> float:
    loss = alike()
    for _ in range(steps):
        optimizer.zero_grad()
        value = loss(weight)
        torch.autograd.backward(value)
        optimizer.step()
    return float(value.detach())


def test_the_first_gradient_makes_a_basis_and_changes_nothing() -> None:
    # Of rank one: along all other axes there are rounding errors alone, and steps must not grow
    # from their quotients.
    weight = torch.nn.Parameter(torch.zeros(2, 3))
    gradient = torch.tensor([[3.0], [4.0]]) @ torch.tensor([[2.0, 1.0, 2.0]])
    optimizer = Soap([weight], 0.1, BETAS)
    moved = []
    for _ in range(2):
        weight.grad = gradient.clone()
        optimizer.step()
        moved.append(-(weight.detach() * gradient).sum() / gradient.norm())
    torch.testing.assert_close(torch.stack(moved), torch.tensor([0.0, 0.1]))


def test_inputs_that_are_alike_do_not_slow_it_down() -> None:
    losses: List[float] = []
    for name in ("adam", "soap"):
        weight = torch.nn.Parameter(torch.zeros(2, 12))
        losses.append(train(weight, OPTIMIZERS[name]([weight], 0.1, BETAS), 300))
    assert losses[1] < losses[0] / 10


def test_a_state_goes_on_where_it_was_saved() -> None:
    whole, part = (torch.nn.Parameter(torch.zeros(2, 12)) for _ in range(2))
    train(whole, Soap([whole], 0.03, BETAS), 37)
    first = Soap([part], 0.03, BETAS)
    train(part, first, 25)
    second = Soap([part], 0.03, BETAS)
    second.load_state_dict(first.state_dict())
    train(part, second, 12)
    assert torch.equal(whole, part)


def test_biases_learn_and_weights_without_gradient_stay() -> None:
    bias, idle = (torch.nn.Parameter(torch.ones(4)) for _ in range(2))
    optimizer = Soap([bias, idle], 0.05, BETAS)
    for _ in range(100):
        optimizer.zero_grad()
        torch.autograd.backward(bias.square().sum())
        optimizer.step()
    assert float(bias.detach().abs().max()) < 0.1
    assert torch.equal(idle.detach(), torch.ones(4))
