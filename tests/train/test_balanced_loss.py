"""The balanced loss: against its definition, and what it prefers."""

from __future__ import annotations

import torch

from pcsr_edge.train.balanced_loss import STEPS, BalancedL1


def on_grid(count: int, seed: int) -> torch.Tensor:
    """Draw values in [-0.4, 0.4] that are whole steps of 8 bits."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(-100, 101, (count,), generator=generator) / STEPS


def test_the_loss_is_the_negative_logarithm_of_the_likelihood() -> None:
    noise, truth, prediction = 0.02, on_grid(50, 0), on_grid(50, 1)
    kernel = torch.exp(-(prediction[:, None] - truth[None]).abs().double() / noise)
    own = torch.exp(-(prediction - truth).abs().double() / noise)
    expected = -noise * torch.log(own / kernel.mean(dim=1)).mean()
    got = BalancedL1(noise)(prediction, truth)
    torch.testing.assert_close(got.double(), expected, rtol=1e-4, atol=1e-6)


def test_predictions_are_pushed_away_from_frequent_truths() -> None:
    truth = torch.cat([torch.zeros(90), torch.full((10,), 0.1)])
    prediction = torch.full((100,), 0.05, requires_grad=True)
    loss = BalancedL1(0.02)(prediction, truth)
    torch.autograd.backward(loss)
    assert prediction.grad is not None
    # L1 alone pulls by as much to either side; what is rare pulls more here.
    pulls = prediction.grad * len(truth)
    assert pulls[-1].abs() > pulls[0].abs() + 0.1
    assert pulls[0] > 0 > pulls[-1]


def test_far_from_every_truth_the_loss_stays_finite() -> None:
    prediction = torch.tensor([-3.0, -1.0, 1.0, 3.0], requires_grad=True)
    loss = BalancedL1(1e-3)(prediction, torch.zeros(4))
    torch.autograd.backward(loss)
    assert torch.isfinite(loss)
    assert prediction.grad is not None
    assert torch.isfinite(prediction.grad).all()
