"""Sampling by difficulty: rare hard patches come as often as easy ones."""

from __future__ import annotations

from typing import List

import numpy as np
import pytest
import torch

from pcsr_edge.train.balanced_sampler import BalancedSampler, gradient
from pcsr_edge.train.data import ImagePair, PatchSampler

SCALE, PATCH, FIRST = 2, 4, 10


def pairs() -> List[ImagePair]:
    """Draw a large flat picture with some noise in one corner."""
    rng = np.random.default_rng(0)
    lr = np.full((60, 60, 3), 90, np.uint8)
    lr[:12, :12] = rng.integers(0, 256, (12, 12, 3))
    return [ImagePair(lr.repeat(SCALE, 0).repeat(SCALE, 1), lr)]


def sampler(classes: int = 2, first: int = FIRST) -> BalancedSampler:
    return BalancedSampler(pairs(), PATCH, SCALE, 1, classes, [first])


def hard_share(batch: torch.Tensor) -> float:
    """Return the share of patches that are mostly noise."""
    return float((batch.std(dim=(1, 2, 3)) > 0.15).float().mean())


def test_hard_patches_are_rare_first_and_frequent_then() -> None:
    balanced = sampler()
    assert hard_share(balanced.batch(200, FIRST - 1)[0]) < 0.15
    assert hard_share(balanced.batch(200, FIRST)[0]) > 0.35


def test_the_first_steps_are_those_of_the_uniform_sampler() -> None:
    uniform = PatchSampler(pairs(), PATCH, SCALE, 1)
    for got, expected in zip(sampler().batch(6, 3), uniform.batch(6, 3)):
        assert torch.equal(got, expected)


def test_a_step_gives_the_same_patches_in_every_run() -> None:
    for got, expected in zip(sampler().batch(6, 20), sampler().batch(6, 20)):
        assert torch.equal(got, expected)
    assert not torch.equal(sampler().batch(6, 20)[0], sampler().batch(6, 21)[0])


def test_lr_and_hr_belong_together() -> None:
    lr, hr = sampler().batch(5, FIRST + 1)
    assert torch.equal(hr[:, :, ::SCALE, ::SCALE], lr)


def test_a_picture_of_one_colour_has_one_class() -> None:
    flat = [ImagePair(np.zeros((16, 16, 3), np.uint8), np.zeros((8, 8, 3), np.uint8))]
    lr, _ = BalancedSampler(flat, PATCH, SCALE, 0, 5, [0]).batch(3, 0)
    assert lr.shape == (3, 3, PATCH, PATCH)


@pytest.mark.parametrize("axis", [0, 1])
def test_the_gradient_of_a_ramp_is_its_slope(axis: int) -> None:
    ramp = np.arange(8, dtype=np.uint8)[:, None, None] * np.full((8, 8, 3), 5, np.uint8)
    magnitude = gradient(np.swapaxes(ramp, 0, axis))
    np.testing.assert_allclose(magnitude[1:-1, 1:-1], 8 * 5, rtol=1e-12)
